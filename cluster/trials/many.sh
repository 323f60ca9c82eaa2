#!/bin/sh
# Sends empty tasks through a scheduler and one worker, and prints the seconds and the scheduler's memory. BINARY [TASKS
# [SLOTS]]
set -eu
binary=$1 tasks=${2:-12000} slots=${3:-2}
folder=$(mktemp -d)
"$binary" scheduler --bind 127.0.0.1:0 > "$folder/address" &
scheduler=$!
trap 'kill $worker $scheduler; wait; rm -rf "$folder"' EXIT
worker=
until grep -q listening "$folder/address"; do sleep 0.1; done
address=$(sed 's/listening on //' "$folder/address")
"$binary" worker --slots "$slots" --scheduler "$address" &
worker=$!
seq -s ' ' "$tasks" > "$folder/waves"
begun=$(date +%s)
"$binary" submit --scheduler "$address" --program true --plan "$folder" --waves "$folder/waves" > "$folder/answered"
echo "$(sort -u "$folder/answered" | wc -l) tasks in $(($(date +%s) - begun)) s"
grep VmHWM "/proc/$scheduler/status"

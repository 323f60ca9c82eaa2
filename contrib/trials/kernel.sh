#!/bin/sh
# A program whose tasks take SECONDS and write an empty part, to test a scheduler without a plan. Appends a line to
# FOLDER/starts for each start of a task.
[ "$1 $2" = "grid task" ] || exit 2
# Like SIMages, ends with the process that waits for it.
[ "$SIMAGES_DRIVER" != "$PPID" ] || SIMAGES_DRIVER='' exec setpriv --pdeathsig KILL "$0" "$@"
plan=$3
shift 3
for task; do
    case $task in --*) exit 0 ;; esac
    [ -e "$plan/part.$task" ] && continue
    echo "$task" >>"$plan/starts"
    sleep "${SECONDS_A_TASK:-0.5}"
    : >"$plan/part.$task.$$" && mv "$plan/part.$task.$$" "$plan/part.$task"
done

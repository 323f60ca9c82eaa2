#!/usr/bin/env bash
# Takes screenshots of every screen in every terminal, for inspection.
#
# Usage: look.sh SIMAGES FOLDER OUT [TERMINAL...]
#   FOLDER: an indexed dataset; OUT: gets a PNG per run, of seven shots: key select, results with the settings open,
#   results, the viewer, results again, help, results again. Runs each terminal bare, in tmux and over SSH, 120x40 and 80x24.
# Needs term-shot, ssh-local and a kitty (shared/tools/README.md), tmux and ImageMagick.
set -euo pipefail
tools="${LOOK_TOOLS:-$(dirname "$(readlink -f "$0")")/../../shared/tools}"
simages=$(readlink -f "$1") folder=$(readlink -f "$2") out=$3
shift 3
terminals=("$@")
[ ${#terminals[@]} -gt 0 ] || terminals=(kitty xterm foot mlterm konsole)
mkdir -p "$out"
shots=$(mktemp -d)
trap 'rm -rf "$shots"' EXIT

for terminal in "${terminals[@]}"; do
    for way in bare tmux ssh; do
        case $way in
        bare) command=("$simages" "$folder") ;;
        tmux) command=(tmux -f /dev/null new-session "'$simages' '$folder'") ;;
        ssh) command=("$tools/ssh-local" --remote -- "$simages" "$folder") ;;
        esac
        for size in 120x40 80x24; do
            rm -f "$shots"/*
            # The first results, so that the viewer and the settings have something to show.
            keys="wait:3 settle:4 shot:$shots/1.png Return wait:1 settle:4 e settle:2 shot:$shots/2.png Escape settle:3
                shot:$shots/3.png v wait:1 settle:3 shot:$shots/4.png Escape settle:3 shot:$shots/5.png question settle:2
                shot:$shots/6.png Escape settle:3 shot:$shots/7.png"
            # shellcheck disable=SC2086
            if "$tools/term-shot" --terminal "$terminal" --cols "${size%x*}" --rows "${size#*x}" --keys "$keys" \
                -- "${command[@]}" >"$shots/log" 2>&1; then
                montage "$shots"/[1-7].png -tile 3x -geometry +4+4 "$out/$terminal-$way-$size.png"
                echo "$terminal $way $size"
            else
                echo "$terminal $way $size: $(tail -1 "$shots/log")"
            fi
        done
    done
done

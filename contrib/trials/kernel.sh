#!/bin/sh
# A program whose tasks take SECONDS and make nothing but an empty part: tries a scheduler where there is no plan yet.
# Each start of a task is a line of FOLDER/starts.
[ "$1 $2" = "grid task" ] || exit 2
# As SIMages does: ends with whoever waits for it.
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

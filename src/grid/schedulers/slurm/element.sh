#!/bin/sh
# An element of a job array of SIMages: makes the parts of the tasks in its line of the wave's file, one after the other. A task
# that fails is tried again; one on a machine that dies is, as Slurm starts the element anew.
program=$1
plan=$2
wave=$3
element=$SLURM_ARRAY_TASK_ID
numbers=$(sed -n "$((element + 1))p" "$wave")
rm -f "$wave.$element.failed"
# Where Slurm keeps track by who started whom (proctrack/linuxproc), it loses a task whose shell ends first: it is ended here.
export SIMAGES_DRIVER=$$
trap 'kill "$task" 2>/dev/null; wait "$task"; exit 143' TERM
for try in 1 2 3 4 5; do
    # The numbers are words.
    "$program" grid task "$plan" $numbers --threads "${SLURM_CPUS_ON_NODE:-1}" &
    task=$!
    wait "$task" && exec touch "$wave.$element.done"
    echo "start $try failed with exit code $?" >&2
done
touch "$wave.$element.failed"
exit 1

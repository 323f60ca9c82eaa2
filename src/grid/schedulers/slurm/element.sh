#!/bin/sh
# One element of a SIMages job array: makes the parts of the tasks on its line of the wave's file, one after the other.
# Starts a failed task again. If the machine dies, Slurm starts the element again.
program=$1
plan=$2
wave=$3
element=$SLURM_ARRAY_TASK_ID
numbers=$(sed -n "$((element + 1))p" "$wave")
rm -f "$wave.$element.failed"
# Where Slurm tracks processes by their parents (proctrack/linuxproc), it loses a task whose shell ends first, so end it
# here.
export SIMAGES_DRIVER=$$
trap 'kill "$task" 2>/dev/null; wait "$task"; exit 143' TERM
for try in 1 2 3 4 5; do
    # Unquoted: the numbers are separate words.
    "$program" grid task "$plan" $numbers --threads "${SLURM_CPUS_ON_NODE:-1}" &
    task=$!
    wait "$task" && exec touch "$wave.$element.done"
    echo "start $try failed with exit code $?" >&2
done
touch "$wave.$element.failed"
exit 1

# Shared by the trials. Source it with FAULT and the trial's command as arguments.

usage="usage: $0 none|kill|stop|all|scheduler COMMAND..."
[ $# -ge 2 ] || { echo "$usage" >&2; exit 2; }
fault=$1
shift
case $fault in none | kill | stop | all | scheduler) ;; *) echo "$usage" >&2; exit 2 ;; esac

# All files of the trial; KEEP=1 prints this path and keeps them.
room=$(mktemp -d)
# The fault happens this many seconds after the first task began.
after=${FAULT_AFTER:-3}

# Processes with this line in their environment.
with_environment() {
    grep -lzx -- "$1" /proc/[0-9]*/environ 2>/dev/null | sed 's|/proc/||; s|/environ||'
}

# A process and its descendants.
family() {
    echo "$1"
    for child in $(cat "/proc/$1/task/"*/children 2>/dev/null); do family "$child"; done
}

# Waits until a command succeeds.
until_it() {
    for _ in $(seq 300); do "$@" >/dev/null 2>&1 && return; sleep 0.1; done
    echo "never: $*" >&2
    exit 1
}

# Runs the trial's command, and causes the fault once a task runs. Prints how long it took, and its exit code.
try() {
    local begun=$EPOCHREALTIME command
    "$@" &
    command=$!
    if [ "$fault" != none ]; then
        while ! a_task_runs; do kill -0 $command 2>/dev/null || break; sleep 0.1; done
        sleep "$after"
        local at=$EPOCHREALTIME
        echo "-- the fault: $fault"
        "fault_$fault"
    fi
    local code=0
    wait $command || code=$?
    local now=$EPOCHREALTIME
    echo "-- $fault: exit code $code after $(seconds "$begun" "$now") s${at:+, $(seconds "$at" "$now") s of them after the fault}"
    return $code
}

seconds() {
    awk "BEGIN { printf \"%.1f\", $2 - $1 }"
}

#!/usr/bin/env bash
# Tests a command on Slurm: a controller and three nodes with one processor each, all on this host, in a folder of their
# own and with their own munge. Needs root.
#
#     slurm.sh FAULT COMMAND...
#
# In the environment: FAULT_AFTER=3, seconds from the first task to the fault; KEEP=1 keeps the folder with all logs.
#
#     none       no fault
#     kill       one node and its processes are killed
#     stop       one node and its processes are stopped for good
#     all        all nodes and their processes are killed, then one node is started
#     scheduler  the controller is killed; running tasks continue
set -euo pipefail
. "$(dirname "$0")/common.sh"

missing=()
for tool in slurmctld slurmd sbatch:slurm-client munged:munge; do
    PATH=$PATH:/usr/sbin command -v "${tool%:*}" >/dev/null || missing+=("${tool#*:}")
done
if [ ${#missing[@]} -gt 0 ]; then
    apt-get update
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"
fi
export PATH=$PATH:/usr/sbin
# The controller's; the next ones are the nodes'.
port=${PORT:-16817}

mkdir -p "$room"/{spool,state}
dd if=/dev/urandom of="$room/munge.key" bs=1024 count=1 status=none
chmod 700 "$room"
chmod 600 "$room/munge.key"

cat >"$room/slurm.conf" <<CONF
ClusterName=trial
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmctldPort=$port
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$room/munge.socket
CredType=cred/munge
StateSaveLocation=$room/state
SlurmdSpoolDir=$room/spool/%n
SlurmctldPidFile=$room/slurmctld.pid
SlurmdPidFile=$room/slurmd.%n.pid
SlurmctldLogFile=$room/slurmctld.log
SlurmdLogFile=$room/slurmd.%n.log
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_interval=1
SlurmctldTimeout=10
SlurmdTimeout=10
InactiveLimit=0
KillWait=2
ReturnToService=2
JobRequeue=1
NodeName=n1 NodeHostname=$(hostname -s) NodeAddr=127.0.0.1 Port=$((port + 1)) CPUs=1 RealMemory=500
NodeName=n2 NodeHostname=$(hostname -s) NodeAddr=127.0.0.1 Port=$((port + 2)) CPUs=1 RealMemory=500
NodeName=n3 NodeHostname=$(hostname -s) NodeAddr=127.0.0.1 Port=$((port + 3)) CPUs=1 RealMemory=500
PartitionName=all Nodes=n1,n2,n3 Default=YES MaxTime=INFINITE State=UP
CONF
export SLURM_CONF=$room/slurm.conf

# All processes of a node: the daemon, its task supervisors, and the tasks.
node() {
    local task step
    cat "$room/slurmd.$1.pid"
    for task in $(with_environment "SLURMD_NODENAME=$1"); do
        # From another trial.
        grep -qzx -- "SLURM_CONF=$SLURM_CONF" "/proc/$task/environ" 2>/dev/null || continue
        step=$(awk '{ print $4 }' "/proc/$task/stat" 2>/dev/null) || continue
        grep -q slurmstepd "/proc/$step/cmdline" 2>/dev/null && echo "$step"
        echo "$task"
    done
}

signal() {
    local signal=$1 all
    shift
    all=$(for name; do node "$name"; done)
    kill "-$signal" $all 2>/dev/null || true
}

# Supervisors that still wait for a controller after their task has ended.
left_over() {
    local step
    for step in /proc/[0-9]*; do
        grep -qs slurmstepd "$step/cmdline" && [ "$(readlink "$step/cwd")" = "$room" ] && echo "${step#/proc/}"
    done
}

finish() {
    signal CONT n1 n2 n3
    signal KILL n1 n2 n3
    kill -9 $(left_over) 2>/dev/null || true
    kill -9 "$(cat "$room/slurmctld.pid")" 2>/dev/null || true
    kill "$(cat "$room/munged.pid")" 2>/dev/null || true
    if [ "${KEEP:-}" ]; then echo "-- kept: $room"; else rm -rf "$room" 2>/dev/null || { sleep 1; rm -rf "$room"; }; fi
}
trap finish EXIT

a_task_runs() { squeue -h -t RUNNING -o %T | grep -q .; }
fault_kill() { signal KILL n1; }
fault_stop() { signal STOP n1; }
fault_all() { signal KILL n1 n2 n3; rm -f "$room/slurmd.n3.pid"; sleep 1; slurmd -N n3; }
fault_scheduler() { kill -9 "$(cat "$room/slurmctld.pid")"; }

munged --force --key-file="$room/munge.key" --socket="$room/munge.socket" --pid-file="$room/munged.pid" \
    --log-file="$room/munged.log" --seed-file="$room/munge.seed"
slurmctld
for name in n1 n2 n3; do slurmd -N "$name"; done
until_it sh -c '[ "$(sinfo -h -N -t idle -o %N | sort | xargs)" = "n1 n2 n3" ]'
echo "-- Slurm $(sinfo --version | cut -d" " -f2) with three nodes"
try "$@"

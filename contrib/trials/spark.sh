#!/usr/bin/env bash
# Tests a command on Spark: a standalone master and two workers with one processor each, on this host. $MASTER in the
# command is the master's address.
#
#     spark.sh FAULT COMMAND...
#
# In the environment: FAULT_AFTER=3, seconds from the first task to the fault; KEEP=1 keeps the folder with all logs.
#
#     none       no fault
#     kill       one worker, its executor and their processes are killed
#     stop       one worker, its executor and their processes are stopped for good
#     all        both workers and their processes are killed, then a new worker is started
#     scheduler  the master is killed
#
# Uses pyspark from the active environment, or installs it into VENV (target/spark). Installs Java if missing.
set -euo pipefail
. "$(dirname "$0")/common.sh"

if ! command -v java >/dev/null; then
    apt-get update
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends openjdk-17-jre-headless
fi
if ! command -v spark-submit >/dev/null; then
    venv=${VENV:-$(dirname "$0")/../../target/spark}
    [ -x "$venv/bin/spark-submit" ] || { python3 -m venv "$venv" && "$venv/bin/pip" install -q 'pyspark==4.*'; }
    PATH=$(realpath "$venv")/bin:$PATH
fi
SPARK_HOME=$(python3 -c 'import os, pyspark; print(os.path.dirname(pyspark.__file__))')
SPARK_LOCAL_IP=127.0.0.1
SPARK_LOCAL_DIRS=$room
PYSPARK_PYTHON=python3
export PATH SPARK_HOME SPARK_LOCAL_IP SPARK_LOCAL_DIRS PYSPARK_PYTHON
port=${PORT:-17077}
export MASTER=spark://127.0.0.1:$port
declare -A pids=()

# Starts a Spark daemon: its name, then its class and arguments.
daemon() {
    local name=$1 what=$2
    shift 2
    TRIAL=$room/$name SPARK_DAEMON_MEMORY=256m "$SPARK_HOME/bin/spark-class" "org.apache.spark.deploy.$what" "$@" \
        >"$room/$name.log" 2>&1 &
    pids[$name]=$!
    # Killed on purpose, so its end is no news.
    disown
}

worker() {
    daemon "$1" worker.Worker --cores 1 --memory 1g --host 127.0.0.1 --webui-port 0 --work-dir "$room/work.$1" "$MASTER"
}

# A daemon, its executors, and their processes.
signal() {
    local signal=$1 name
    shift
    for name; do
        kill "-$signal" $(with_environment "TRIAL=$room/$name") 2>/dev/null || true
    done
}

finish() {
    signal KILL master w1 w2 w3
    if [ "${KEEP:-}" ]; then echo "-- kept: $room"; else rm -rf "$room" 2>/dev/null || { sleep 1; rm -rf "$room"; }; fi
}
trap finish EXIT

a_task_runs() { grep -lz 'grid' $(with_environment "TRIAL=$room/w1" | sed 's|.*|/proc/&/cmdline|') /dev/null | grep -q .; }
fault_kill() { signal KILL w1; }
fault_stop() { signal STOP w1; }
fault_all() { signal KILL w1 w2; sleep 1; worker w3; }
fault_scheduler() { kill -9 "${pids[master]}"; }

daemon master master.Master --host 127.0.0.1 --port "$port" --webui-port 0
until_it grep -q 'New state: ALIVE' "$room/master.log"
worker w1
worker w2
until_it sh -c "[ \$(grep -c 'Registering worker' '$room/master.log') = 2 ]"
echo "-- Spark $(python3 -c 'import pyspark; print(pyspark.__version__)') with two workers"
# The command may refer to the master like a shell variable.
try "${@//\$MASTER/$MASTER}"

"""Runs the tasks of a SIMages plan on Spark: spark-submit spark_grid.py PROGRAM FOLDER WAVES

WAVES is a file with a line of task numbers per wave. Each wave is a Spark job; each of its tasks is a process of PROGRAM,
which ends when the worker does. Prints the task numbers of a wave when all its tasks are done.
"""

import ctypes
import re
import subprocess
import sys

from pyspark import SparkConf, SparkContext


def end_with_parent():
    """The process dies with the worker, however that is killed (on Linux): 1 is PR_SET_PDEATHSIG, 9 is SIGKILL."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, 9)


def runs(program, folder, threads):
    def run(tasks):
        for task in tasks:
            command = [program, "grid", "task", folder, str(task), "--threads", threads]
            streams = dict(stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            done = subprocess.run(command, preexec_fn=end_with_parent, **streams)
            if done.returncode:
                said = done.stderr.decode(errors="replace")[-2000:].strip()
                raise RuntimeError(f"task {task} failed, exit code {done.returncode}: {said}\n\n")
            yield task

    return run


program, folder, waves = sys.argv[1:]
sc = SparkContext(conf=SparkConf())
run = runs(program, folder, sc.getConf().get("spark.task.cpus", "1"))
try:
    for wave in open(waves):
        tasks = [int(number) for number in wave.split()]
        for task in sc.parallelize(tasks, len(tasks)).mapPartitions(run).collect():
            print(task, flush=True)
except Exception as error:
    said = re.search(r"RuntimeError: (task .*?)\n\n", str(error), re.S)
    sys.exit(said[1] if said else str(error)[-2000:])
finally:
    sc.stop()

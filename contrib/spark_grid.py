"""Runs the tasks of a plan of SIMages on Spark: spark-submit spark_grid.py PROGRAM FOLDER WAVES

WAVES is a file with a line for each wave, the numbers of its tasks. A wave is a job of Spark, a task of it one process of
PROGRAM, which ends with whoever started it. Prints the numbers of the tasks of a wave once all are done.
"""

import ctypes
import re
import subprocess
import sys

from pyspark import SparkConf, SparkContext


def end_with_parent():
    """Whoever kills the worker kills the process, too (on Linux): 1 is PR_SET_PDEATHSIG, 9 is SIGKILL."""
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

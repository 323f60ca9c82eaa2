#!/usr/bin/env python3
"""Kills and stops parts of a cluster: a scheduler and two workers on this machine, one fault per trial.

With only the binary as argument: 24 tasks of a kernel that just sleeps. With --program, --plan and --waves: other tasks.
The shell command --before runs before each trial (to remove the parts of the previous one); --after must succeed after it
(merge, cmp). Both have the plan's folder in $PLAN.
"""

import argparse
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent


class Cluster:
    """A scheduler, its workers, and a submission; all are killed at the end."""

    def __init__(self, args, plan):
        self.args, self.plan, self.workers = args, plan, []
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{free.getsockname()[1]}"
        self.log = tempfile.TemporaryFile("w+")
        self.all = []
        self.start_scheduler()
        self.slots_killed = 0

    def start(self, *words, **how):
        process = subprocess.Popen([self.args.binary, *words], stderr=self.log, text=True, **how)
        self.all.append(process)
        return process

    def start_scheduler(self):
        self.scheduler = self.start("scheduler", "--bind", self.address, stdout=subprocess.PIPE)
        self.scheduler.stdout.readline()

    def start_worker(self):
        self.workers.append(self.start("worker", "--scheduler", self.address))

    def submit(self, waves):
        file = self.plan / "waves.trial"
        file.write_text("".join(" ".join(map(str, wave)) + "\n" for wave in waves))
        return self.start("submit", "--scheduler", self.address, "--program", self.args.program, "--plan", str(self.plan),
                          "--waves", str(file), stdout=subprocess.PIPE)

    def signal_worker(self, worker, what):
        """Signals the worker and its kernels."""
        kernels = children(worker.pid)
        for pid in [worker.pid, *kernels]:
            try:
                os.kill(pid, what)
            except ProcessLookupError:
                pass
        self.slots_killed += 1

    def end(self):
        for process in self.all:
            if process.poll() is None:
                for pid in [*children(process.pid), process.pid]:
                    os.kill(pid, signal.SIGKILL)
            process.wait()


def children(pid):
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True).stdout
    return [int(child) for child in found.split()]


def nothing(cluster, submit, answered):
    pass


def kill_worker(cluster, submit, answered):
    cluster.signal_worker(cluster.workers[0], signal.SIGKILL)


def stop_worker(cluster, submit, answered):
    cluster.signal_worker(cluster.workers[0], signal.SIGSTOP)


def kill_all_workers(cluster, submit, answered):
    for worker in cluster.workers:
        cluster.signal_worker(worker, signal.SIGKILL)
    cluster.start_worker()


def kill_scheduler(cluster, submit, answered):
    """The submission must fail soon; then the rest is submitted to a new scheduler."""
    begun = time.time()
    cluster.scheduler.kill()
    answered += map(int, submit.stdout.read().split())
    code = submit.wait()
    took = time.time() - begun
    assert code != 0 and took < 10, f"exit code {code} after {took:.1f} s"
    cluster.slots_killed += 2  # Workers stop their kernels.
    cluster.start_scheduler()
    rest = [[task for task in wave if task not in answered] for wave in cluster.waves]
    return cluster.submit(rest), f"exit code {code} after {took:.1f} s, {sum(map(len, rest))} left to do"


def cancel(cluster, submit, answered):
    """The submission must end with 130, and no kernel may continue; then the rest is submitted."""
    begun = time.time()
    submit.send_signal(signal.SIGINT)
    answered += map(int, submit.stdout.read().split())
    code = submit.wait()
    while any(children(worker.pid) for worker in cluster.workers):
        assert time.time() - begun < 8, "kernels still run"
        time.sleep(0.05)
    took = time.time() - begun
    assert code == 130, f"exit code {code}"
    cluster.slots_killed += 2
    rest = [[task for task in wave if task not in answered] for wave in cluster.waves]
    return cluster.submit(rest), f"exit code {code}, no kernel after {took:.1f} s"


FAULTS = [nothing, kill_worker, stop_worker, kill_all_workers, kill_scheduler, cancel]


def trial(args, fault, plan, waves):
    subprocess.run(args.before, shell=True, check=True, env={**os.environ, "PLAN": str(plan)})
    (plan / "started").unlink(missing_ok=True)
    tasks = [task for wave in waves for task in wave]
    cluster = Cluster(args, plan)
    try:
        cluster.waves = waves
        cluster.start_worker()
        cluster.start_worker()
        begun = time.time()
        submit = cluster.submit(waves)
        answered, notes = [], ""
        while len(answered) < len(tasks) * 5 // 12:
            line = submit.stdout.readline()
            assert line, "ended before the fault"
            answered.append(int(line))
        while not all(children(worker.pid) for worker in cluster.workers):
            assert time.time() - begun < 600, "the workers never work at the same time"
            time.sleep(0.01)
        anew = fault(cluster, submit, answered)
        if anew:
            submit, notes = anew
        answered += map(int, submit.stdout.read().split())
        code = submit.wait()
        took = time.time() - begun
        assert code == 0, f"exit code {code}"
        assert sorted(answered) == sorted(tasks), f"answered {sorted(answered)}"
        if (plan / "started").exists():
            started = len((plan / "started").read_text().split())
            most = len(tasks) + cluster.slots_killed
            notes = f"{started} kernels for {len(tasks)} tasks{', ' + notes if notes else ''}"
            assert started <= most, f"{started} kernels started, not at most {most}"
        subprocess.run(args.after, shell=True, check=True, env={**os.environ, "PLAN": str(plan)})
        print(f"{fault.__name__:18} {took:6.1f} s  {notes}", flush=True)
        return True
    except (AssertionError, subprocess.CalledProcessError) as error:
        cluster.log.seek(0)
        print(f"{fault.__name__:18} FAILED: {error}\n{cluster.log.read()}", flush=True)
        return False
    finally:
        cluster.end()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", help="simages-cluster")
    parser.add_argument("--program", default=str(HERE / "kernel.sh"))
    parser.add_argument("--plan", type=pathlib.Path)
    parser.add_argument("--waves", type=pathlib.Path)
    parser.add_argument("--before", default="true")
    parser.add_argument("--after", default="true")
    parser.add_argument("--only", choices=[fault.__name__ for fault in FAULTS])
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if args.plan is None:
            args.plan = pathlib.Path(folder)
            (args.plan / "seconds").write_text("1")
            args.before = 'rm -f "$PLAN"/part.*'
            args.after = 'test "$(ls "$PLAN" | grep -c ^part)" = 24'
            waves = [list(range(8)), list(range(8, 16)), list(range(16, 24))]
        else:
            waves = [list(map(int, line.split())) for line in args.waves.read_text().splitlines()]
        results = [trial(args, fault, args.plan, waves) for fault in FAULTS if args.only in (None, fault.__name__)]
    sys.exit(0 if all(results) else 1)


main()

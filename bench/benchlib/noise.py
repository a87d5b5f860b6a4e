# SPDX-License-Identifier: GPL-2.0-only
"""How evenly a program runs that does nothing but compute."""
import json
import os
import shutil
import subprocess
from dataclasses import dataclass

from benchlib import table
from benchlib.machine import LINUX_CPU, PROGRAMS, TREE, BenchError

TITLE = "Noise"
QUANTA = 5000
STEPS = 20000
LONG = 1.01     # a quantum beyond this multiple of the shortest is a long one

# As quiet as a stock kernel gets.
ISOLATION = (f"isolcpus=nohz,domain,managed_irq,{LINUX_CPU} nohz_full={LINUX_CPU} "
             f"rcu_nocbs={LINUX_CPU} irqaffinity=0")
PLOT = os.path.join(TREE, "bench", "noise.gnuplot")


@dataclass
class Run:
    """One run of noise.c."""
    name: str
    ticks: list         # of each quantum
    interrupted: list   # whether it was
    usage: dict         # noise.c's last lines
    interrupts: int     # that the kernel counted on the CPU meanwhile

    def excess(self, only_interrupted):
        """Part of the time beyond what the shortest quantum takes, per million."""
        least = min(self.ticks)
        lost = sum(t - least for t, i in zip(self.ticks, self.interrupted)
                   if i or not only_interrupted)
        return lost * 1e6 / sum(self.ticks)

    def column(self):
        """Its column of the table."""
        least, ranked = min(self.ticks), sorted(self.ticks)
        long = [i for t, i in zip(self.ticks, self.interrupted) if t > LONG * least]
        worst = [t for t, i in zip(self.ticks, self.interrupted) if i] or [least]
        return [f"{len(ranked)}", f"{least / self.usage['ticks_per_us']:.1f}",
                f"{ranked[-1] / least:.4f}", f"{ranked[int(len(ranked) * 0.999)] / least:.4f}",
                f"{len(long)}", f"{sum(self.interrupted)}", f"{sum(long)}",
                f"{max(worst) / least:.4f}", f"{self.excess(False):.1f}",
                f"{self.excess(True):.1f}", f"{self.interrupts}",
                f"{self.usage['involuntary_switches']:.0f}"]


ROWS = ("quanta", "shortest, µs", "longest ÷ shortest", "99.9 % ÷ shortest",
        f"longer than {LONG} × shortest", "interrupted", "interrupted and longer",
        "longest interrupted ÷ shortest", "time beyond the shortest, ppm",
        "the same, interrupted quanta, ppm", "interrupts on the CPU, by its kernel",
        "involuntary context switches")


def linux_interrupts(text, cpu):
    """Sum of a CPU's column in /proc/interrupts."""
    head, *lines = text.splitlines()
    column = head.split().index(f"CPU{cpu}") + 1
    rows = [line.split() for line in lines]
    return sum(int(row[column]) for row in rows if len(row) > column and row[column].isdigit())


def lwk_interrupts(text, cpu):
    """A CPU's count in its monitor."""
    return json.loads(text)[cpu]["irqs"]


def run(machine, name, command, look, count):
    """Run noise.c between two looks at the interrupt counters."""
    mark = "=====\n"
    out = machine.run(f"{look} && echo ===== && {command} {PROGRAMS}/noise {QUANTA} {STEPS} && "
                      f"echo ===== && {look}")
    before, body, after = out.split(mark)
    words = [line.split() for line in body.splitlines()]
    quanta = [(int(a), b == "1") for a, b in words if a.isdigit()]
    return Run(name, [t for t, _ in quanta], [i for _, i in quanta],
               {a: float(b) for a, b in words if not a.isdigit()}, count(after) - count(before))


def run_all(machine):
    """On an ordinary CPU of Linux, on an isolated one, on the LWK."""
    runs = []
    with machine.lwk():
        for name, cpu in (("Linux", 0), ("Linux, isolated", LINUX_CPU)):
            runs.append(run(machine, name, f"taskset -c {cpu}", "cat /proc/interrupts",
                            lambda text, cpu=cpu: linux_interrupts(text, cpu)))
        runs.append(run(machine, "LWK", f"{PROGRAMS}/mcexec", "ihkosctl --json 0 monitor",
                        lambda text: lwk_interrupts(text, 0)))
    return runs


def draw(runs, folder):
    """noise.png: every quantum of every run, in multiples of the shortest."""
    if not shutil.which("gnuplot"):
        raise BenchError("gnuplot is missing: apt-get install gnuplot-nox")
    for k, one in enumerate(runs):
        least = min(one.ticks)
        with open(os.path.join(folder, f"noise-{k}.dat"), "w", encoding="utf-8") as file:
            file.writelines(f"{n} {t / least:.6f} {int(i)}\n"
                            for n, (t, i) in enumerate(zip(one.ticks, one.interrupted)))
    names = "|".join(one.name for one in runs)
    subprocess.run(["gnuplot", "-e", f"names='{names}'; nruns={len(runs)}; long={LONG}", PLOT], cwd=folder,
                   check=True)


def measure(machine, _rounds):
    """Table and picture."""
    machine.start(ISOLATION)
    runs = run_all(machine)
    folder = os.path.join(TREE, "build", "bench")
    draw(runs, folder)
    columns = [one.column() for one in runs]
    rows = [(row, *values) for row, *values in zip(ROWS, *columns)]
    return (f"Linux's command line: `{ISOLATION}`. With instruction counting the clock runs for "
            "all CPUs together: a quantum that was not interrupted is longer only by what other "
            "CPUs executed meanwhile.\n\n"
            + table.markdown(("", *(one.name for one in runs)), rows)
            + "\n![every quantum](noise.png)\n")

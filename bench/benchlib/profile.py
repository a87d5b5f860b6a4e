# SPDX-License-Identifier: GPL-2.0-only
"""Where the instructions of a call go: by kernel, by function, by leg of the way to Linux."""
import collections
import os
import statistics

from benchlib import start, table
from benchlib.machine import TREE, BenchError
from benchlib.symbols import Symbols
from benchlib.tasks import HELLO

TITLE = "Profile of calls"
PLUGIN = os.path.join(TREE, "build", "tests", "bench", "trace.so")
# As in calls.c: name, how many times it is done for a sample.
CALLS = {
    "getpid, by syscall(2)": 5000,
    "mmap + munmap of 4 KiB": 1000,
    "mmap + munmap of 4 KiB, touched": 1000,
    "mmap + munmap of 2 MiB, touched": 5,
    "brk up + down by 64 KiB": 1000,
    "getppid": 500,
    "getppid after a pause": 50,
    "read of /dev/zero, 4 KiB": 500,
    "read of /dev/zero, 1 MiB": 10,
    "open + close, tmpfs": 200,
    "clock_gettime, by syscall(2)": 5000,
}
# As in tasks.c and switches.c: program, name, how many times, CPUs on Linux, options of mcexec.
TASKS = (
    (f"tasks 2 {HELLO}", "fork + exit + wait", 10, "0,1", ""),
    (f"tasks 2 {HELLO}", "fork + exec of a static hello + wait", 5, "0,1", ""),
    (f"tasks 2 {HELLO}", "pthread_create + join", 50, "0,1", ""),
    (f"tasks 2 {HELLO}", "signal to oneself, with handler", 200, "0,1", ""),
    (f"tasks 2 {HELLO}", "signal to another thread that sleeps, with handler", 100, "0,1", ""),
    ("switches 2 one", "context switch, by futex", 2000, "1", "-c 0"),
    ("switches 2 one", "context switch, by pipe", 2000, "1", "-c 0"),
    ("switches 2 two", "turn by futex, two CPUs", 2000, "0,1", ""),
)
STARTS = list(start.HELLOS)
PLACES = ("program", "LWK", "mcexec", "Linux")
TOP = 20

# Calls whose way is of interest, and what they are on Linux.
LEGS_OF = {
    "getppid": "__x64_sys_getppid",
    "getppid after a pause": "__x64_sys_getppid",
    "read of /dev/zero, 1 MiB": "__x64_sys_read",
}


def way_of(call):
    """Functions on the way of an offloaded call, in this order, and the leg that ends where each
    begins. Doorbells are on it only if the other side sleeps."""
    return (
        (("program", "syscall"), None),
        (("LWK", "offload_request"), "LWK: entry, dispatch"),
        (("LWK", "syscall_channel_send"), "LWK: request in the slot, twin seen asleep"),
        (("Linux", "mcctrl_on_syscall_request"), "doorbell, up to Linux's handler"),
        (("Linux", "check_request"), "until the twin has the request"),
        (("Linux", LEGS_OF[call]), "twin: back to mcexec, into the system call"),
        (("Linux", "twin_wait"), "system call, back to mcexec, into the module"),
        (("LWK", "offload_wake"), "answer in the slot, doorbell, up to the LWK's handler"),
        (("program", "check"), "until the program goes on"),
    )


class Window:
    """What ran between two marks."""

    def __init__(self):
        self.instructions = collections.Counter()   # by address of a piece of code
        self.times = collections.Counter()          # likewise, how often it ran
        self.events = []                            # (clock, address)

    def read(self, kind, words):
        """Take a line of the trace."""
        if kind == "block":
            addr, ninsns, times = int(words[0], 16), int(words[1]), int(words[2])
            self.instructions[addr] += ninsns * times
            self.times[addr] += times
        else:
            self.events.append((int(words[0]), int(words[1], 16)))

    def by_function(self, symbols, n):
        """{(place, function): instructions} of one call out of n, most first."""
        functions = collections.Counter()
        for addr, count in self.instructions.items():
            functions[symbols.name(addr)] += count / n
        return functions


def last_window(path):
    """The end of the trace."""
    with open(path, encoding="ascii") as file:
        for line in file:
            kind, *words = line.split()
            if kind == "window":
                window = Window()
            else:
                window.read(kind, words)
    return window


def by_place(functions):
    """The same by place, and in all."""
    sums = [sum(v for (place, _), v in functions.items() if place == wanted) for wanted in PLACES]
    return [table.number(v) for v in sums + [sum(sums)]]


def split_calls(events, way):
    """Events of each call: from one beginning of the way up to its end."""
    calls = []
    for clock, addr in events:
        if addr == way[0]:
            calls.append([])
        if calls and (not calls[-1] or calls[-1][-1][1] != way[-1]):
            calls[-1].append((clock, addr))
    return [call for call in calls if call[-1][1] == way[-1]]


def legs(events, symbols, steps):
    """Rows: leg, calls that took it, median of its instructions."""
    way = [symbols.addr(name) for name, _ in steps]
    calls = split_calls(events, way)
    samples = collections.defaultdict(list)
    for call in calls:
        before, reached = call[0][0], 0
        for clock, addr in call[1:]:
            if addr in way[reached + 1:]:
                reached = way.index(addr)
                samples[reached].append(clock - before)
                before = clock
        samples[len(way)].append(call[-1][0] - call[0][0])
    labels = [label for _, label in steps] + ["all"]
    return [(labels[k], f"{len(v)} of {len(calls)}", table.number(statistics.median(v)))
            for k, v in sorted(samples.items())]


def trace(machine, command):
    """Run a program; what was traced of its last sample."""
    path = os.path.join(machine.folder(), "trace")
    if os.path.exists(path):
        os.unlink(path)
    command()
    return last_window(path)


def write_interests(machine, symbols, steps):
    """Tell the plugin which functions are of interest."""
    with open(os.path.join(machine.folder(), "trace.events"), "w", encoding="ascii") as file:
        for name, _ in steps:
            if not symbols.addr(name):
                raise BenchError(f"profile: there is no function {name[1]} in {name[0]}")
            file.write(f"{symbols.addr(name):x}\n")


def function_table(window, symbols, n):
    """The functions in which a call spends most."""
    rows = [(f"{name[0]}: {name[1]}", table.number(count),
             table.number(window.times[symbols.addr(name)] / n))
            for name, count in window.by_function(symbols, n).most_common(TOP)]
    return table.markdown(("function", "instructions", "times called"), rows)


def profile(machine, symbols, name, commands, n=1):
    """Row of the first table, and the text, about n calls that two commands make."""
    steps = way_of(name) if name in LEGS_OF else ()
    write_interests(machine, symbols, steps)
    linux = trace(machine, commands[0])
    lwk = trace(machine, commands[1])
    row = (name, by_place(linux.by_function(symbols, n))[-1],
           *by_place(lwk.by_function(symbols, n)))
    text = f"\n## {name}, on the LWK\n\n"
    if steps:
        text += table.markdown(("leg", "calls", "instructions"),
                               legs(lwk.events, symbols, steps)) + "\n"
    return row, text + function_table(lwk, symbols, n)


def profile_call(machine, symbols, name, n):
    """One of calls.c."""
    program = f"calls 2 '{name}'"
    return profile(machine, symbols, name, (lambda: machine.on_linux(program),
                                            lambda: machine.on_lwk(program)), n)


def profile_task(machine, kallsyms, task):
    """One of tasks.c or switches.c."""
    program, name, n, cpus, options = task
    symbols = Symbols(kallsyms, program.split()[0])
    command = f"{program} '{name}'"
    return profile(machine, symbols, name, (lambda: machine.on_linux(command, cpus),
                                            lambda: machine.on_lwk(command, options)), n)


def profile_start(machine, symbols, name):
    """A whole program."""
    return profile(machine, symbols, name, (lambda: machine.run(start.spawn(name, 3, False)),
                                            lambda: machine.run(start.spawn(name, 3, True))))


def measure(machine, _rounds):
    """Tables by place, then of each call."""
    machine.start(qemu=f"-plugin {PLUGIN}")
    with machine.lwk():
        kallsyms = machine.run("cat /proc/kallsyms")
        symbols = Symbols(kallsyms, "calls")
        reports = [profile_call(machine, symbols, name, n) for name, n in CALLS.items()]
        reports += [profile_task(machine, kallsyms, task) for task in TASKS]
        symbols = Symbols(kallsyms, "hello")
        reports += [profile_start(machine, symbols, name) for name in STARTS]
    head = ("instructions a call", "Linux: all", *(f"LWK: {place}" for place in PLACES), "LWK: all")
    return (table.markdown(head, [row for row, _ in reports])
            + "".join(text for _, text in reports))

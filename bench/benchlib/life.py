# SPDX-License-Identifier: GPL-2.0-only
"""Life of an LWK below processes: CPUs, boot, messages, page allocation."""
from benchlib import table
from benchlib.machine import GUEST_TREE, PROGRAMS

TITLE = "Life of an LWK"

# Our measure and Linux's of the same thing: name in measure.c, arguments of linux_pages.ko, pages.
COMPARISONS = {
    "4 KiB page allocated and freed, one CPU": ("ncpus=1 order=0", 65536),
    "4 KiB page allocated and freed, all CPUs at once": ("ncpus=2 order=0", 65536),
    "2 MiB page allocated and freed, one CPU": ("ncpus=1 order=9", 1024),
}


def linux_pages(machine, arguments, count, rounds):
    """Nanoseconds a page of Linux's allocator."""
    module = f"{GUEST_TREE}/build/tests/{machine.kernel}/linux_pages.ko"
    return [int(machine.run(f"insmod {module} {arguments} count={count} && "
                            "cat /sys/module/linux_pages/parameters/ns && rmmod linux_pages"))
            / count for _ in range(rounds)]


def measure(machine, rounds):
    """A table of what bench/programs/measure.c measures."""
    machine.start()
    cpus = " ".join(map(str, machine.lwk_cpus))
    out = machine.run(f"insmod $MCK_MODDIR/ihk.ko && {PROGRAMS}/measure "
                      f"{GUEST_TREE}/build/lwk/mckernel.img {rounds} {cpus} && rmmod ihk")
    rows = []
    for line in out.splitlines():
        name, unit, n, *values = line.split(";")
        least, middle, most = map(float, values)
        linux = []
        if name in COMPARISONS:
            linux = linux_pages(machine, *COMPARISONS[name], 3)
        rows.append((name, unit, n, table.number(least), table.number(middle), table.number(most),
                     table.spread(linux), table.ratio(linux, [middle])))
    return table.markdown(("measure", "unit", "n", "least", "median", "most", "Linux",
                           "Linux ÷ LWK"), rows)

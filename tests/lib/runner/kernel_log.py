# SPDX-License-Identifier: GPL-2.0-only
"""What in Linux's log means that Linux was harmed."""

import re

# Linux's own words for it. Case matters: "bug" is a word of harmless messages.
COMPLAINT = re.compile(r"""
    WARNING: | \bBUG: | \bOops\b | Call\ Trace: | Kernel\ panic
    | general\ protection\ fault | unable\ to\ handle | invalid\ opcode
    | divide\ error | double\ fault | stack\ segment
    | soft\ lockup | hard\ LOCKUP | blocked\ for\ more\ than
    | detected\ stalls | self-detected\ stall | rcu.*\ kthread\ starved
    | workqueue\ lockup | possible\ (recursive|circular|irq) | lock\ held
    | scheduling\ while\ atomic | sleeping\ function\ called
    | list_(add|del)\ corruption | [Bb]ad\ page | Bad\ rss-counter
    | refcount_t: | KASAN | UBSAN | nobody\ cared | No\ irq\ handler
    | unchecked\ MSR | APIC\ error | page\ allocation\ failure
    | cannot\ create\ duplicate | Slab\ corruption | leaked\ (lock|irq)
    """, re.VERBOSE)

# Messages of our own modules; only these may be expected by a test.
OURS = re.compile(r"^\[[^\]]*\] (ihk|mcctrl|lwk)\b")


def complaints(log, expected=None):
    """Lines of a log that no test may cause, but for expected ones of ours."""
    for line in log.splitlines():
        if not COMPLAINT.search(line):
            continue
        if expected and OURS.match(line) and re.search(expected, line):
            continue
        yield line

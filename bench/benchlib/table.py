# SPDX-License-Identifier: GPL-2.0-only
"""Samples as the programs print them, and tables of them."""


def parse_samples(text):
    """Lines 'name;unit;value' as {name: [value, ...]}, in the order of their coming."""
    samples = {}
    for line in text.splitlines():
        name, _unit, value = line.split(";")
        samples.setdefault(name, []).append(float(value))
    return samples


def median(values):
    """The middle one, the upper of two."""
    return sorted(values)[len(values) // 2]


def number(value):
    """A figure with no more digits than it deserves."""
    return f"{value:.0f}" if value >= 1000 else f"{value:.1f}"


def spread(values):
    """Median, and in brackets least and most."""
    if not values:
        return ""
    return f"{number(median(values))} ({number(min(values))}–{number(max(values))})"


def ratio(linux, lwk):
    """Linux ÷ LWK: beyond 1 the LWK is faster."""
    return f"{median(linux) / median(lwk):.2f}" if linux and lwk else ""


def markdown(head, rows):
    """A table; all columns but the first are numbers."""
    lines = ["| " + " | ".join(head) + " |", "|---" + "|---:" * (len(head) - 1) + "|"]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def compare(linux, lwk, unit="ns"):
    """Samples of both kernels side by side: median (least–most)."""
    names = list(linux) + [name for name in lwk if name not in linux]
    rows = []
    for name in names:
        ours, theirs = lwk.get(name, []), linux.get(name, [])
        rows.append((name, str(len(ours or theirs)), spread(theirs), spread(ours),
                     ratio(theirs, ours)))
    return markdown(("measure", "n", f"Linux, {unit}", f"LWK, {unit}", "Linux ÷ LWK"), rows)

# SPDX-License-Identifier: GPL-2.0-only
"""Recursion in Python, to its own limit and far beyond it."""
import sys


def descend(depth):
    """How deep it goes."""
    try:
        return descend(depth + 1)
    except RecursionError:
        return depth


print(descend(0) > 900)
sys.setrecursionlimit(20000)
print(descend(0) > 19000)

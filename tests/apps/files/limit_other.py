# SPDX-License-Identifier: GPL-2.0-only
"""RLIMIT_CPU and RLIMIT_RTTIME of a child, set by its parent before it computes."""

import os
import resource


def show(limit, values, policy):
    ours, theirs = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(theirs)
        os.read(ours, 1)
        os.sched_setscheduler(0, policy, os.sched_param(int(policy != os.SCHED_OTHER)))
        while True:
            pass
    print(resource.prlimit(pid, limit, values), resource.prlimit(pid, limit), flush=True)
    os.close(theirs)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


INFINITY = resource.RLIM_INFINITY
show(resource.RLIMIT_CPU, (1, 1), os.SCHED_OTHER)
show(resource.RLIMIT_CPU, (1, 100), os.SCHED_OTHER)
show(resource.RLIMIT_CPU, (1, INFINITY), os.SCHED_OTHER)
show(resource.RLIMIT_RTTIME, (200000, INFINITY), os.SCHED_FIFO)

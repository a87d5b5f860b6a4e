# SPDX-License-Identifier: GPL-2.0-only
"""What the runner has to do, several things at a time.

Items are functions without arguments. The first error ends it all: no further item
is begun, and the error is raised when those that run have ended.
"""

import queue
import subprocess
import sys
import threading

from runner.result import TREE, RunnerError


class Work:
    """Items on their way through threads."""

    def __init__(self):
        self.errors = []

    def failed(self):
        """Whether what still runs had better end."""
        return bool(self.errors)

    def run(self, items, jobs):
        """Call them, so many at a time."""
        waiting = queue.SimpleQueue()
        for item in items:
            waiting.put(item)
        threads = [threading.Thread(target=self.take, args=(waiting,),
                                    daemon=True) for _ in range(jobs)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self.errors:
            raise self.errors[0]

    def take(self, waiting):
        """Take items until none is left."""
        while not self.errors:
            try:
                item = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                item()
            except BaseException as err:  # told by the main thread
                self.errors.append(err)


class Preparation:
    """A command that makes what some of the items need, beside the others."""

    def __init__(self, command):
        self.command = command
        self.ended = threading.Event()
        self.succeeded = False

    def run(self):
        """Run it, as an item of its own, before any that needs it is taken."""
        try:
            # What it prints is the user's to see at once.
            sys.stdout.flush()
            status = subprocess.run(["sh", "-c", self.command], cwd=TREE,
                                    stdin=subprocess.DEVNULL,
                                    check=False).returncode
            if status:
                raise RunnerError(f"'{self.command}' failed")
            self.succeeded = True
        finally:
            self.ended.set()

    def before(self, item):
        """The item, begun when this has ended, and only if that went well."""
        def prepared():
            self.ended.wait()
            if self.succeeded:
                item()
        return prepared

# SPDX-License-Identifier: GPL-2.0-only
"""Writes a history for git fast-import: history.py COMMITS. Python's own modules come one
after the other, then lines of them change, on a main branch that takes in side branches."""
import glob
import os
import sys

FILES = 30
LARGEST = 9000      # bytes of a file: what is compared are kernels, not algorithms of git
SIDE_EVERY = 25     # a branch begins there, and is merged five commits later
BROKEN_AT = 3       # fifths of the history: from there on the file "state" says so


class History:
    """A stream, and the files at its end."""

    def __init__(self):
        self.files = {}
        self.seed = 1
        self.mark = 0
        self.time = 1000000000

    def random(self, limit):
        """The same numbers each time."""
        self.seed = (self.seed * 1103515245 + 12345) % 2**31
        return (self.seed >> 8) % limit

    def blob(self, data):
        """The command's argument."""
        return b"data %d\n%s\n" % (len(data), data)

    def commit(self, branch, message, changed, parents=()):
        """Files of that name are what self.files says now."""
        self.mark += 1
        self.time += 3600
        lines = [b"commit refs/heads/%s\nmark :%d\n" % (branch, self.mark)]
        for role in (b"author A", b"committer C"):
            lines.append(b"%s <a@example.org> %d +0000\n" % (role, self.time))
        lines.append(self.blob(message))
        for word, parent in zip((b"from", b"merge"), parents):
            lines.append(b"%s :%d\n" % (word, parent))
        for name in changed:
            lines.append(b"M 100644 inline %s\n%s" % (name, self.blob(self.files[name])))
        sys.stdout.buffer.writelines(lines)
        return self.mark

    def edit(self, name):
        """A few lines change, one is new, one goes."""
        lines = self.files[name].split(b"\n")
        for _ in range(3):
            lines[self.random(len(lines))] = b"# changed, %d" % self.random(10**6)
        lines.insert(self.random(len(lines)), b"# new in %d" % self.mark)
        del lines[self.random(len(lines))]
        self.files[name] = b"\n".join(lines)

    def some_file(self):
        """One that is there."""
        names = sorted(name for name in self.files if name != b"state")
        return names[self.random(len(names))]


def write(commits):
    """All of it."""
    history = History()
    modules = [name for name in sorted(glob.glob("/usr/lib/python3.11/*.py"))
               if os.path.getsize(name) < LARGEST][:FILES]
    last = side = None
    for number in range(commits):
        history.files[b"state"] = b"broken\n" if number >= commits * BROKEN_AT // 5 else b"well\n"
        changed = [b"state"]
        if number < FILES:
            with open(modules[number], "rb") as module:
                name = b"lib/%d/" % (number % 7) + modules[number].rsplit("/", 1)[1].encode()
                history.files[name] = module.read()
            changed.append(name)
        else:
            changed += {history.some_file() for _ in range(2)}
            for name in sorted(set(changed) - {b"state"}):
                history.edit(name)
        parents = [last] if last else []
        if number % SIDE_EVERY == 0 and last:
            history.files[b"notes/%d" % number] = b"note %d\n" % number
            side = history.commit(b"side", b"a note", [b"notes/%d" % number], [last])
        if number % SIDE_EVERY == 5 and side:
            changed.append(b"notes/%d" % (number - 5))
            parents.append(side)
        last = history.commit(b"main", b"commit %d" % number, sorted(set(changed)), parents)
    sys.stdout.buffer.write(b"done\n")


write(int(sys.argv[1]))

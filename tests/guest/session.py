#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A session in an interactive bash, and what it shows: keys, jobs, traps, line editing.

    session.py [WORD...]

The words start the shell, such as "mcexec 0"; without them it runs on Linux. Prints what was
typed and what came, without ids, so that two sessions can be compared. Leaves its files in the
working directory.
"""
import os
import re
import sys

from terminal import SHELL, Failed, Terminal, in_group, until

RUN = sys.argv[1:]
BASH, EDITING = SHELL[:3], SHELL[3]

HERE = """cat << END
sum $((40 + 2)), $(echo substituted)
END"""
QUOTED = """cat <<- 'END' | tr a-z A-Z
\t\tnot $expanded
\tEND"""

# Of its own, without a terminal's shell to notice anything. What `wait` says of a stopped job
# depends on whether bash has heard of it.
SCRIPT = r"""set -m
group() { cut -d ' ' -f 5 "/proc/$1/stat"; }
sleep 100 &
[ "$(group $!)" = $! ] && echo "a group of its own"
kill -STOP %1
until [[ $(jobs) = *Stopped* ]]; do :; done
wait %1
echo "stopped: $?"
jobs
bg %1
kill %1
wait $!
echo "ended: $?"
(exit 3) | (exit 4) | true
echo "pipeline: ${PIPESTATUS[*]}"
trap 'echo "at the end"' EXIT
trap 'echo "terminated"; exit 12' TERM
kill $$
"""

COMMANDS = [
    HERE,
    QUOTED,
    "cat <<< 'a string'",
    "cat <(seq 2) <(echo three); diff <(seq 3) <(seq 2 4)",
    "echo two words > >(wc -w > words); wait $!; cat words",
    "x=$(echo $(echo deep; exit 5)); echo $x $?; y=$(exit 6); echo $?",
    "false | true | (exit 7) | sh -c 'kill -TERM $$'; echo ${PIPESTATUS[@]}",
    "trap 'echo interrupted' INT; kill -INT $$; trap 'echo child' CHLD; /bin/true; trap - CHLD",
    "coproc { while read -r l; do echo \"<$l>\"; done; exit 9; }",
    "p=$COPROC_PID; echo told >&${COPROC[1]}; read -r l <&${COPROC[0]}; echo $l",
    "eval \"exec ${COPROC[1]}>&-\"; wait $p; echo $?",
    "read -t 0.1 word; echo $?; read -t 0; echo $?",
    "read -t 100 word\ngiven",
    "read -N 3 other\nab",
    "echo $word $other",
    "bash script; echo $?",
    "sleep 100 & sleep 200 &",
    "jobs; kill %1; wait %1; echo $?",
    "kill -INT %2; wait %2; echo $?",
]


class Session:
    """A shell, and what it says without ids."""

    def __init__(self):
        self.terminal = Terminal([*RUN, *BASH, EDITING, "-i"])

    def come(self, end="READY> "):
        """Print what comes up to there."""
        text = self.terminal.expect(rf"(?s)\A(.*?){end}").group(1)
        text = re.sub(r"^(\[\d+\]) \d+$", r"\1 ID", text, flags=re.M)
        text = re.sub(r"^(.*line \d+: +)\d+ ", r"\1ID ", text, flags=re.M)
        for line in text.splitlines():
            print(f"  {line.rstrip()}", flush=True)

    def do(self, line):
        """A command that ends by itself."""
        print("$ " + line.replace("\n", "\n> "), flush=True)
        self.terminal.type(line + "\n")
        self.come()

    def press(self, name, key):
        """A key that the terminal acts upon."""
        print(f"[{name}]", flush=True)
        self.terminal.type(key)
        self.come()

    def begin(self, line, *names, group=None):
        """A command that stays in the foreground, once all of its processes are there."""
        print(f"$ {line}", flush=True)
        self.terminal.type(line + "\n")
        group = group or self.terminal.foreground(names[0])
        for name in names:
            until(name, lambda: in_group(group, name))  # pylint: disable=cell-var-from-loop


def keys(session):
    """Ctrl-C, Ctrl-Z and Ctrl-\\, at pipelines and at a substitution."""
    pipeline = ("sleep 100 | cat | sort", "sleep", "cat", "sort")
    session.begin(*pipeline)
    session.press("Ctrl-C", "\x03")
    session.do("echo ${PIPESTATUS[@]}")
    session.begin(*pipeline)
    session.press("Ctrl-Z", "\x1a")
    session.do("echo $?; jobs")
    session.do("bg; jobs")
    session.begin("fg", *pipeline[1:])
    session.press("Ctrl-Z", "\x1a")
    session.do("bg; kill %1; wait %1; echo $?")
    session.begin("x=$(sleep 100)", "sleep", group=session.terminal.shell)
    session.press("Ctrl-C", "\x03")
    session.do("echo $?")
    session.do("ulimit -c 0")
    session.begin("sleep 100", "sleep")
    session.press("Ctrl-\\", "\x1c")
    session.do("echo $?")
    session.begin("(trap 'echo inner; exit 4' INT; sleep 100; echo not reached)", "bash", "sleep")
    session.press("Ctrl-C", "\x03")
    session.do("echo $?")


def waits_for_key(pid):
    """Whether it is in a pselect(2) without a time. An interrupt that comes after readline has
    drawn a line, and before it waits, it does not notice until there is another key."""
    with open(f"/proc/{pid}/syscall", encoding="utf-8") as call:
        words = call.read().split()
    return words[0] == "270" and words[5] == "0x0"


def edit(terminal):
    """Keys of readline's. How it draws a line depends on what it has read yet: only what the
    commands print is looked at, whose first word no line has as it is typed."""
    def enter(line, *lines):
        terminal.type(line + "\n")
        for wanted in lines:
            print("  " + terminal.expect(rf"(?m)^(got {wanted})\n").group(1), flush=True)
        terminal.expect("READY> ")

    os.makedirs("directory")
    with open("directory/a-long-name", "w", encoding="utf-8") as file:
        file.write("got the file\n")
    enter("bind 'set enable-bracketed-paste off'")
    enter("echo g''ot first", ".*")
    enter("\x1b[A\x7f\x7f\x7f\x7f\x7fsecond", ".*")             # up, backspace
    enter("\x1b[A\x1b[A\x1b[B more", ".*")                      # up, up, down
    enter("o g''ot ends\x01ech\x05 here", ".*")                 # to the begin, to the end
    enter("echo g''ot on\x1b[D\x1b[Dm\x1b[C\x1b[Cce", ".*")     # left, right
    enter("echo g''ot a b c\x17\x17\x19", ".*")                 # cut words, paste
    enter("echo g''ot x y\x1bb\x1bb\x0b\x19 z", ".*")           # a word back, cut the rest
    enter("\x12first\x05 more", ".*")                         # search the history
    enter("cat dir\ta-l\t", ".*")                               # complete names
    enter("!echo", ".*")                                        # the history's last
    enter("echo g''ot $(history | wc -l) $(fc -ln -1 | wc -w)", ".*")
    terminal.type("echo dropped")
    terminal.expect("dropped")
    until("waiting for a key", lambda: waits_for_key(terminal.shell))
    terminal.type("\x03")
    terminal.expect("READY> ")
    enter("echo g''ot $?", ".*")


def main():
    """All of it, in two terminals."""
    with open("script", "w", encoding="utf-8") as script:
        script.write(SCRIPT)
    session = Session()
    for line in COMMANDS:
        session.do(line)
    keys(session)
    session.do("trap 'echo the end' EXIT")
    session.terminal.type("exit 3\n")
    session.come("(?<=the end\n)")
    _, status = os.waitpid(session.terminal.shell, 0)
    print("exit", os.waitstatus_to_exitcode(status))
    os.environ["HISTFILE"] = ""
    terminal = Terminal([*RUN, *BASH, "-i"], "vt100")
    edit(terminal)
    terminal.leave()


try:
    main()
except Failed as failed:
    sys.exit(f"session.py: {failed}")

# SPDX-License-Identifier: GPL-2.0-only
"""Commands in the guest: the driver's end of sandbox/guest/frame.h.

A Channel holds one of the machine's ports, locked against other drivers, for
one command. Closing it, or dying, ends the command.
"""

import enum
import fcntl
import os
import selectors
import signal
import socket
import time

from vmlib import config
from vmlib.paths import SandboxError

END, ESC = b"\xc0", b"\xdb"
ESC_END, ESC_ESC = b"\xdb\xdc", b"\xdb\xdd"
CHUNK = 16384

# The agent answers at once; only a machine that hangs takes so long.
ANSWER_S = 60
# From the signal that asks a command to end to the one that ends it.
GRACE_S = 3


class Outcome(enum.Enum):
    """How a command ended; only EXITED has a status of its own."""
    EXITED = "exited"
    TIMEOUT = "timed out"
    GONE = "the machine has gone"
    HUNG = "the machine does not answer"


def encode(kind, data=b""):
    """Wrap data as a frame."""
    return (kind + data.replace(ESC, ESC_ESC).replace(END, ESC_END) + END)


def decode(frame):
    """Return (kind, data) of a received frame without its end mark."""
    frame = frame.replace(ESC_END, END).replace(ESC_ESC, ESC)
    return frame[:1], frame[1:]


class Gone(Exception):
    """QEMU has closed the port."""


class Channel:
    """A locked, connected port whose agent has answered."""

    def __init__(self, folder, deadline_s=ANSWER_S):
        self.received = b""
        self.to_send = b""
        self.dirfd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        self.sock = socket.socket(socket.AF_UNIX)
        self.lock = -1
        try:
            self.take_port()
            self.hello(time.monotonic() + deadline_s)
        except BaseException:
            self.close()
            raise

    def close(self):
        """Free the port; the agent ends what still runs."""
        self.sock.close()
        os.close(self.dirfd)
        if self.lock >= 0:
            os.close(self.lock)

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        self.close()

    def take_port(self):
        """Connect to the first port that no other driver holds."""
        for port in range(config.PORTS):
            lock = os.open(f"exec.{port}.lock", os.O_RDWR | os.O_CREAT, 0o600,
                           dir_fd=self.dirfd)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(lock)
                continue
            self.lock = lock
            try:
                # Not by its own path, which may be too long for a socket.
                self.sock.connect(f"/proc/self/fd/{self.dirfd}/exec.{port}")
            except (FileNotFoundError, ConnectionRefusedError) as err:
                raise Gone from err
            self.sock.setblocking(False)
            return
        raise SandboxError(f"all {config.PORTS} ports are busy")

    def hello(self, deadline):
        """Wait for the agent; drop what an earlier command left behind."""
        nonce = os.urandom(8).hex().encode()
        # The first mark closes what a killed driver may have begun.
        self.to_send = END + encode(b"H", nonce)
        while True:
            for kind, data in self.exchange(deadline):
                if (kind, data) == (b"H", nonce):
                    return

    def exchange(self, deadline, extra=None):
        """Send and receive until something arrived: frames, or extra (a file
        descriptor) became readable, told by an empty list. Raises TimeoutError,
        Gone."""
        with selectors.PollSelector() as selector:
            events = selectors.EVENT_READ
            if self.to_send:
                events |= selectors.EVENT_WRITE
            selector.register(self.sock, events)
            if extra is not None and len(self.to_send) < CHUNK:
                selector.register(extra, selectors.EVENT_READ)
            left = None
            if deadline is not None:
                left = max(0, deadline - time.monotonic())
            ready = selector.select(left)
        if not ready:
            raise TimeoutError
        for key, mask in ready:
            if key.fileobj is self.sock:
                return self.transfer(mask)
        return []

    def transfer(self, mask):
        """Move what can be moved; return the frames that became complete."""
        try:
            if mask & selectors.EVENT_WRITE:
                sent = self.sock.send(self.to_send)
                self.to_send = self.to_send[sent:]
            if not mask & selectors.EVENT_READ:
                return []
            data = self.sock.recv(4 * CHUNK)
        except (BrokenPipeError, ConnectionResetError) as err:
            raise Gone from err
        if not data:
            raise Gone
        *frames, self.received = (self.received + data).split(END)
        return [decode(frame) for frame in frames if frame]

    def send(self, kind, data=b""):
        """Queue a frame."""
        self.to_send += encode(kind, data)

    def send_words(self, kind, words):
        """Queue a frame of words."""
        self.send(kind, b"".join(os.fsencode(word) + b"\0" for word in words))


class Command:
    """One command on a channel. on_output(kind, data) gets what it writes."""

    def __init__(self, channel, argv, on_output, size=None):
        self.channel = channel
        self.on_output = on_output
        self.status = None
        rows, cols = size or (0, 0)
        channel.send_words(b"E", ["1" if size else "0", str(rows), str(cols)]
                           + list(argv))

    def step(self, deadline, stdin=None):
        """Relay once. Returns whether the command still runs."""
        frames = self.channel.exchange(deadline, stdin)
        for kind, data in frames:
            if kind == b"X":
                self.status = int(data)
            elif kind in (b"O", b"R"):
                self.on_output(kind, data)
        if stdin is not None and not frames:
            return self.forward(stdin)
        return self.status is None

    def forward(self, stdin):
        """Pass input on, if there is some. Returns True: it still runs."""
        with selectors.PollSelector() as selector:
            selector.register(stdin, selectors.EVENT_READ)
            if selector.select(0):
                data = os.read(stdin, CHUNK)
                self.channel.send(b"I", data)
                if not data:
                    raise EOFError
        return True

    def run(self, timeout, stdin=None):
        """Relay to the end. Returns (Outcome, status)."""
        deadline = time.monotonic() + timeout if timeout else None
        if stdin is None:
            self.channel.send(b"I")
        running = True
        while running:
            try:
                running = self.step(deadline, stdin)
            except EOFError:
                stdin = None
            except TimeoutError:
                return self.kill()
            except Gone:
                return Outcome.GONE, None
        return Outcome.EXITED, self.status

    def kill(self):
        """End a command that takes too long; tell if even that fails."""
        for number, wait in ((signal.SIGTERM, GRACE_S),
                             (signal.SIGKILL, ANSWER_S)):
            self.channel.send_words(b"K", [str(int(number))])
            deadline = time.monotonic() + wait
            try:
                while self.step(deadline):
                    pass
                return Outcome.TIMEOUT, self.status
            except TimeoutError:
                continue
            except Gone:
                return Outcome.GONE, None
        return Outcome.HUNG, None

# SPDX-License-Identifier: GPL-2.0-only
"""A named machine: its folder, its QEMU process, its life.

QEMU inherits a locked file of the folder, so the lock is held exactly as long
as it runs, whatever becomes of the driver; the process id beside it is looked
at only while it is. Whoever wants to know asks for the lock without taking it, so
that others who ask, or who start the machine, are not told that it runs.
"""

import dataclasses
import fcntl
import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import time

from vmlib import channel, config, paths
from vmlib.paths import SandboxError

# A starved emulator takes more than a minute; a hung kernel for ever.
BOOT_S = 240
STOP_S = 10
POLL_S = 0.05
LOG_TAIL = 60


class Machine:
    """The machine of that name, which may or may not run."""

    def __init__(self, name):
        if not re.fullmatch(r"[\w.-]+", name):
            raise SandboxError(f"not a machine name: '{name}'")
        self.name = name
        self.folder = os.path.join(paths.MACHINES, name)

    def path(self, file):
        """A file of the machine's folder."""
        return os.path.join(self.folder, file)

    def is_running(self):
        """Whether its QEMU lives."""
        try:
            fd = os.open(self.path("lock"), os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            return lock_request(fd, fcntl.F_OFD_GETLK) != fcntl.F_UNLCK
        finally:
            os.close(fd)

    def pid(self):
        """Process id of its QEMU, or None."""
        if not self.is_running():
            return None
        try:
            with open(self.path("pid"), encoding="ascii") as file:
                return int(file.read())
        except (FileNotFoundError, ValueError):
            return None

    def config(self):
        """The configuration it was started with."""
        with open(self.path("config.json"), encoding="utf-8") as file:
            return config.Config(**json.load(file))

    def launch(self, conf):
        """Start QEMU in a folder of a new machine. Returns the process."""
        conf.check()
        os.makedirs(self.folder, exist_ok=True)
        lock = os.open(self.path("lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            lock_request(lock, fcntl.F_OFD_SETLK)
        except BlockingIOError:
            os.close(lock)
            raise SandboxError(f"machine '{self.name}' is running; vm stop "
                               f"--name {self.name}") from None
        for entry in os.scandir(self.folder):
            if entry.name != "lock":
                os.unlink(entry.path)
        with open(self.path("config.json"), "w", encoding="utf-8") as file:
            json.dump(dataclasses.asdict(conf), file, indent=1)
        with open(self.path("qemu.log"), "wb") as log:
            qemu = subprocess.Popen(
                config.qemu_command(conf), cwd=self.folder, pass_fds=[lock],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True)
        with open(self.path("pid"), "w", encoding="ascii") as file:
            file.write(str(qemu.pid))
        os.close(lock)
        return qemu

    def start(self, conf, boot_s=BOOT_S):
        """Boot, until the agent answers."""
        qemu = self.launch(conf)
        try:
            self.wait_boot(qemu, time.monotonic() + boot_s)
        except BaseException:
            self.stop()
            raise

    def wait_boot(self, qemu, deadline):
        """Wait for the agent's first answer."""
        while not os.path.exists(self.path(f"exec.{config.PORTS - 1}")):
            if qemu.poll() is not None:
                raise SandboxError("QEMU did not start:\n"
                                   + self.tail("qemu.log"))
            time.sleep(POLL_S)
        try:
            channel.Channel(self.folder,
                            deadline - time.monotonic()).close()
        except channel.Gone:
            raise SandboxError(f"machine '{self.name}' died while it booted:\n"
                               + self.report()) from None
        except TimeoutError:
            raise SandboxError(f"machine '{self.name}' hung while it booted:\n"
                               + self.report()) from None

    def stop(self):
        """Turn it off; nothing in it is worth an orderly end."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            pid = self.pid()
            if pid is None:
                return
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass
            deadline = time.monotonic() + STOP_S
            while self.is_running() and time.monotonic() < deadline:
                time.sleep(POLL_S)

    def run(self, argv, on_output, timeout=None, stdin=None):
        """Run a command in it. Returns (Outcome, status)."""
        try:
            with channel.Channel(self.folder) as chan:
                command = channel.Command(chan, argv, on_output)
                return command.run(timeout, stdin)
        except (channel.Gone, FileNotFoundError):
            return channel.Outcome.GONE, None
        except TimeoutError:
            return channel.Outcome.HUNG, None

    def monitor(self, command):
        """What QEMU's monitor says to a command."""
        prompt = b"(qemu) "
        dirfd = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            with socket.socket(socket.AF_UNIX) as sock:
                sock.settimeout(STOP_S)
                sock.connect(f"/proc/self/fd/{dirfd}/monitor")
                read_until(sock, prompt)
                sock.sendall(command.encode() + b"\n")
                answer = read_until(sock, prompt)
        except OSError as err:
            raise SandboxError(f"no monitor: {err}") from None
        finally:
            os.close(dirfd)
        return answer.decode(errors="replace").partition("\n")[2]

    def tail(self, file, lines=LOG_TAIL):
        """The last lines of one of its logs."""
        try:
            with open(self.path(file), encoding="utf-8",
                      errors="replace") as log:
                return "".join(log.read().splitlines(True)[-lines:])
        except FileNotFoundError:
            return ""

    def report(self):
        """What is to be known of a machine that is in trouble."""
        return ("--- console, last lines\n" + self.tail("console.log")
                + self.state())

    def state(self):
        """The same without the console."""
        parts = []
        qemu = self.tail("qemu.log")
        if qemu:
            parts += ["--- QEMU\n", qemu]
        if self.is_running():
            try:
                parts += ["--- processors\n",
                          pick_registers(self.monitor("info registers -a"))]
            except SandboxError as err:
                parts.append(f"--- {err}\n")
        return "".join(parts)

    def remove(self):
        """Stop it and forget its logs."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def lock_request(fd, command):
    """Ask for the lock of a whole file, which the open file has, and so all who
    inherit it. Returns the type of the lock: whose it is in the way, if any."""
    flock = struct.Struct("hhqqi4x")
    request = flock.pack(fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
    return flock.unpack(fcntl.fcntl(fd, command, request))[0]


def read_until(sock, mark):
    """Receive up to and without a mark."""
    data = b""
    while not data.endswith(mark):
        more = sock.recv(65536)
        if not more:
            raise OSError("QEMU has closed it")
        data += more
    return data[:-len(mark)]


def pick_registers(text):
    """Where each processor is, out of 'info registers -a'."""
    wanted = ("CPU#", "RIP=", "CR0=")
    return "".join(line.rstrip("\r\n") + "\n" for line in text.splitlines()
                   if line.startswith(wanted))


def all_machines():
    """Every machine that has a folder."""
    try:
        names = sorted(os.listdir(paths.MACHINES))
    except FileNotFoundError:
        return []
    return [Machine(name) for name in names]

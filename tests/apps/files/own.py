# SPDX-License-Identifier: GPL-2.0-only
"""Uses much of what Python has of the system, without a second process or thread."""
import array
import errno
import fcntl
import mmap
import os
import select
import signal
import socket
import struct
import tempfile
import time


def files():
    """Files, directories, descriptors."""
    with open("file", "wb+", buffering=0) as file:
        print(file.write(b"x" * 3000000), file.tell(), os.fstat(file.fileno()).st_size)
        file.seek(1000)
        print(len(file.read(10**7)))
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with mmap.mmap(file.fileno(), 0) as mapping:
            mapping[100:105] = b"hello"
            print(mapping.find(b"hello"), mapping.size())
        file.seek(100)
        print(file.read(5))
    os.makedirs("a/b/c")
    print(sorted(os.listdir("a")), [len(d) for _, d, _ in os.walk("a")])
    os.symlink("file", "link")
    print(os.readlink("link"), os.stat("link").st_size, os.lstat("link").st_size)
    with tempfile.TemporaryFile() as temporary:
        print(os.sendfile(temporary.fileno(), os.open("file", os.O_RDONLY), 0, 10000))
    for name in ("none", "/etc/passwd/x", "\0"):
        try:
            os.stat(name)
        except (OSError, ValueError) as err:
            print(type(err).__name__, getattr(err, "errno", None))


def waiting():
    """Pipes, polling, signals."""
    reader, writer = os.pipe()
    print(select.select([reader], [writer], [], 0)[1] == [writer])
    os.write(writer, b"abc")
    poll = select.poll()
    poll.register(reader, select.POLLIN)
    print(poll.poll(0) == [(reader, select.POLLIN)], os.read(reader, 10))
    came = []
    signal.signal(signal.SIGALRM, lambda number, _: came.append(number))
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    begin = time.monotonic()
    time.sleep(0.2)
    print(came, time.monotonic() - begin >= 0.2)
    os.kill(os.getpid(), signal.SIGALRM)
    print(came)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
    os.kill(os.getpid(), signal.SIGUSR1)
    print(signal.sigpending(), signal.sigwait([signal.SIGUSR1]))


def sockets():
    """A server and a client in one."""
    server = socket.create_server(("127.0.0.1", 0))
    client = socket.create_connection(server.getsockname())
    peer, _ = server.accept()
    client.sendall(struct.pack("!IH", 7, 8))
    print(struct.unpack("!IH", peer.recv(6)))
    peer.close()
    print(client.recv(1))
    left, right = socket.socketpair()
    left.setblocking(False)
    try:
        left.recv(1)
    except BlockingIOError as err:
        print(errno.errorcode[err.errno])
    print(right.send(b"z" * 1000), len(left.recv(5000)))


def memory():
    """Large and small objects."""
    numbers = array.array("d", range(500000))
    numbers.byteswap()
    numbers.byteswap()
    print(sum(numbers), len(numbers.tobytes()))
    words = {str(i): i for i in range(50000)}
    print(sum(words.values()), len("".join(sorted(words))))
    anonymous = mmap.mmap(-1, 10 << 20)
    anonymous[-4:] = b"last"
    print(anonymous[(10 << 20) - 4:], anonymous[0])


files()
waiting()
sockets()
memory()

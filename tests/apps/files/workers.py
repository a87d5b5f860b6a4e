# SPDX-License-Identifier: GPL-2.0-only
"""Python's ways of doing several things at once: how processes begin, and which ways."""
import asyncio
import concurrent.futures
import multiprocessing
import multiprocessing.shared_memory
import select
import subprocess
import sys
import threading


def square(number):
    return number * number


def work(todo, done):
    for number in iter(todo.get, None):
        done.put(number + 1)


def count(counter, times):
    for _ in range(times):
        with counter.get_lock():
            counter.value += 1


def write_shared(name):
    memory = multiprocessing.shared_memory.SharedMemory(name)
    memory.buf[0:5] = b"hello"
    memory.close()


def run_all(context, target, *args, times=2):
    processes = [context.Process(target=target, args=args) for _ in range(times)]
    for process in processes:
        process.start()
    return processes


def pool(context):
    with context.Pool(2) as workers:
        print(workers.map(square, range(10)))


def processes(context):
    todo, done = context.Queue(), context.Queue()
    children = run_all(context, work, todo, done)
    for number in [*range(20), None, None]:
        todo.put(number)
    print(sorted(done.get() for _ in range(20)))
    counter = context.Value("i", 0)
    children += run_all(context, count, counter, 100)
    memory = multiprocessing.shared_memory.SharedMemory(create=True, size=8192)
    children += run_all(context, write_shared, memory.name, times=1)
    for child in children:
        child.join()
    print(counter.value, bytes(memory.buf[0:6]), [child.exitcode for child in children])
    memory.close()
    memory.unlink()


def futures(_):
    with concurrent.futures.ThreadPoolExecutor(3) as executor:
        print(list(executor.map(square, range(8))))
    with concurrent.futures.ProcessPoolExecutor(2) as executor:
        print(list(executor.map(square, range(8))))


async def serve(reader, writer):
    writer.write((await reader.readline()).upper())
    await writer.drain()
    writer.close()


async def talk(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"line\n")
    answer = await reader.read()
    writer.close()
    return answer


async def converse():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    print(await asyncio.gather(*(talk(port) for _ in range(3))))
    server.close()
    child = await asyncio.create_subprocess_exec("sort", stdin=subprocess.PIPE,
                                                 stdout=subprocess.PIPE)
    print(await child.communicate(b"b\na\n"))
    print(await asyncio.to_thread(square, 7))
    try:
        await asyncio.wait_for(asyncio.Event().wait(), 0.01)
    except asyncio.TimeoutError:
        print("timed out")


def events(_):
    asyncio.run(converse())
    child = subprocess.Popen("read x; echo $x; exit 4", shell=True,
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    poller = select.epoll()
    poller.register(child.stdout, select.EPOLLIN)
    child.stdin.write(b"polled\n")
    child.stdin.close()
    print([event for _, event in poller.poll()][0] & select.EPOLLIN)
    print(child.stdout.read(), child.wait())
    condition = threading.Condition()
    thread = threading.Thread(target=lambda: [condition.acquire(), condition.notify_all(),
                                              condition.release()])
    with condition:
        thread.start()
        print(condition.wait(60))
    thread.join()


if __name__ == "__main__":
    known = {"pool": pool, "processes": processes, "futures": futures, "events": events}
    for name in sys.argv[2:]:
        known[name](multiprocessing.get_context(sys.argv[1]))

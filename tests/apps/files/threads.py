# SPDX-License-Identifier: GPL-2.0-only
"""Threads of Python: a queue, locks, an executor, thread-local data, a subprocess of each."""
import concurrent.futures
import queue
import subprocess
import threading

numbers, squares = queue.Queue(), []
lock = threading.Lock()
local = threading.local()


def square():
    """Serve the queue until it says None."""
    local.count = 0
    while (number := numbers.get()) is not None:
        local.count += 1
        with lock:
            squares.append(number * number)


workers = [threading.Thread(target=square, name=f"worker-{i}") for i in range(5)]
for worker in workers:
    worker.start()
for i in range(200):
    numbers.put(i)
for worker in workers:
    numbers.put(None)
for worker in workers:
    worker.join()
print(sum(squares), len(squares), hasattr(local, "count"))

with concurrent.futures.ThreadPoolExecutor(4) as pool:
    print(list(pool.map(lambda n: n ** 3, range(10))))
    print(sorted(pool.map(lambda n: subprocess.run(["echo", str(n)], stdout=subprocess.PIPE,
                                                   text=True, check=True).stdout, range(4))))

barrier = threading.Barrier(3)
ranks = []
waiters = [threading.Thread(target=lambda: ranks.append(barrier.wait())) for _ in range(3)]
for waiter in waiters:
    waiter.start()
for waiter in waiters:
    waiter.join()
print(sorted(ranks), threading.active_count())

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A Redis server by $RUN, its clients on Linux; a snapshot, which a child of the server writes.
sock=$PWD/socket

$RUN redis-server --port 0 --unixsocket "$sock" --save '' > log 2>&1 &

cli() {
	redis-cli -s "$sock" "$@"
}

# The socket is there before somebody listens.
until [ "$(cli ping 2> /dev/null)" = PONG ]; do sleep 0.1; done
cli set key value
cli incr number
redis-benchmark -s "$sock" -n 200 -c 5 -q -t set,get,lpush |
	tr '\r' '\n' | grep -c 'requests per second'
cli dbsize
cli eval 'return redis.call("get", KEYS[1])' 1 key
cli bgsave
while cli info persistence | grep -q bgsave_in_progress:1; do sleep 0.1; done
cli info persistence | grep -o 'last_bgsave_status:ok'
cli shutdown nosave
wait
rm log dump.rdb

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The part of `make run` that runs inside the sandbox.
set -eu

say() { printf '\n==> %s\n' "$*"; }

linux_view() {
	printf 'Linux %s: CPUs %s online, ' "$(uname -r)" "$(cat /sys/devices/system/cpu/online)"
	awk '/^MemTotal|^MemFree/ { printf "%s %d MiB  ", $1, $2 / 1024 } END { print "" }' /proc/meminfo
}

say "Linux before"
linux_view

say "mcreboot: take CPUs and memory from Linux, boot an LWK on them"
mcreboot -e test_hooks

say "Linux now"
linux_view

say "the LWK's own log (ihkosctl 0 kmsg)"
ihkosctl 0 kmsg

say "the LWK as Linux sees it (ihkosctl 0 status, query cpu, query mem, query_free_mem)"
ihkosctl 0 status
ihkosctl 0 query cpu
ihkosctl 0 query mem
ihkosctl 0 query_free_mem

say "1000 messages to the LWK and back (ihkosctl 0 ping)"
ihkosctl 0 ping --count 1000

say "unmodified Debian programs on the LWK (mcexec PROGRAM)"
run() { printf '$ mcexec %s\n' "$*"; mcexec "$@"; }
run ls -l /mckernel/lwk
run sha256sum /usr/bin/bash /usr/bin/python3.11
run python3 -c 'import sys, zlib; print(sys.version.split()[0], zlib.crc32(b"McKernel"))'

say "where they run: /proc/mcosN/PID is there for whoever runs on the LWK of /dev/mcosN"
# shellcheck disable=SC2016 # expanded by the shell on the LWK
mcexec sh -c 'echo "process $$, whose CPUs are numbered by Linux:"
while read -r line; do
	case $line in
	Name:* | Pid:* | VmRSS:* | Threads:* | Cpus_allowed_list:*) echo "  $line" ;;
	esac
done < "/proc/mcos0/$$/status"'
# The LWK's CPUs are none of those that Linux has online.
has=$(ihkosctl 0 query cpu)
runs_on=$(mcexec sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status)
if [ "$has" != "$runs_on" ]; then
	echo "a program may run on CPUs $runs_on, but the LWK has $has" >&2
	exit 1
fi
echo "these are the LWK's CPUs (ihkosctl 0 query cpu): $has"

say "its system calls, local and offloaded (mcexec --summary)"
mcexec --summary ls / > /dev/null

say "mcstop: stop the LWK, give everything back"
mcstop
linux_view

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What Linux lends of devices' memory has the same memory type in the LWK's page tables as in its
# own, and the CPUs of both kernels read the same out of it; seen by QEMU's monitor.
set -euo pipefail
# shellcheck source=tests/boot/host_lib.sh
. "$(dirname "$0")/host_lib.sh"

linux_cpu=1
lwk_cpu=2
pages='resource2 resource2_wc BIOS'

fail() {
	echo "FAIL memory-types: $*" >&2
	exit 1
}

# start COMMAND...: in the background, until stop; prints addresses of pages that it has mapped.
start() {
	guest "
		export PATH=/mckernel/build/tests/apps:\$PATH
		rm -f /tmp/held; mkfifo /tmp/held
		$* mm_device hold > /tmp/held 2>&1 < /dev/null &
		echo \$! > /tmp/held.pid
		head -n 1 /tmp/held"
}

stop() {
	guest 'kill $(cat /tmp/held.pid); while [ -d /proc/$(cat /tmp/held.pid) ]; do :; done'
}

# types CPU ADDRESS...: of each page the bits that name its type, PAT, PCD and PWT, once the CPU has
# the program's page table.
types() {
	local cpu=$1 entries=

	shift
	until [ "$(wc -l <<< "$entries")" -eq $# ]; do
		monitor cpu "$cpu" > /dev/null
		entries=$(monitor info tlb | tr -d '\r' | grep -F "$(printf '%s:\n' "$@")" || true)
	done
	for address; do
		grep "^$address:" <<< "$entries" | sed 's/.* //' | cut -c 3,6-7
	done
}

guest "mcreboot -q -c $lwk_cpu-3 -m 128M@1" || fail "no LWK"
addresses=$(start taskset -c $linux_cpu)
# shellcheck disable=SC2086
on_linux=$(types $linux_cpu $addresses)
stop
addresses=$(start mcexec -c 0)
# shellcheck disable=SC2086
on_lwk=$(types $lwk_cpu $addresses)
stop
guest mcstop -q
paste <(tr ' ' '\n' <<< "$pages") <(echo "$on_linux") <(echo "$on_lwk")
[ "$(wc -l <<< "$on_linux")" -eq 3 ] || fail "not all pages were found"
[ "$(sort -u <<< "$on_linux" | wc -l)" -eq 3 ] || fail "the pages are not of three types"
[ "$on_linux" = "$on_lwk" ] || fail "the LWK has other types than Linux"

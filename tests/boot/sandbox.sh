#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The machine itself: four CPUs on two nodes, the working tree, the kernel's modules
# and the environment that every other test relies on. Needs nothing of ours built.

set -euo pipefail

fail() {
	echo "FAIL: $*" >&2
	exit 1
}

[ "$(nproc)" = 4 ] || fail "$(nproc) CPUs"
[ "$(cat /sys/devices/system/cpu/online)" = 0-3 ] || fail "CPUs are offline"
[ "$(cat /sys/devices/system/node/online)" = 0-1 ] || fail "not two nodes"
for node in 0 1; do
	cpus=$(cat "/sys/devices/system/node/node$node/cpulist")
	[ "$cpus" = "$((2 * node))-$((2 * node + 1))" ] ||
		fail "node $node has CPUs $cpus"
	mib=$(awk '/MemTotal/ { print int($4 / 1024) }' \
		"/sys/devices/system/node/node$node/meminfo")
	[ "$mib" -gt 900 ] || fail "node $node has $mib MiB"
done
[ "$(cat /sys/devices/system/node/node0/distance)" = "10 21" ] ||
	fail "distances: $(cat /sys/devices/system/node/node0/distance)"

case $(uname -r) in
"$MCK_KERNEL".*) ;;
*) fail "Linux $(uname -r) is not MCK_KERNEL=$MCK_KERNEL" ;;
esac

# The clock runs as the computer's does, however long the emulator waited while Linux booted.
khz=$(sed -n 's/.*tsc_early_khz=\([0-9]*\).*/\1/p' /proc/cmdline)
[ -n "$khz" ] || fail "nobody told Linux the time-stamp counter's frequency"
awk -v khz="$khz" '/^cpu MHz/ { off = $4 * 1000 - khz; bad += off * off > khz * khz / 10000 }
	END { exit bad != 0 }' /proc/cpuinfo || fail "CPUs are not of $khz kHz"

cmp "$0" "$MCK_TREE/tests/boot/sandbox.sh" || fail "not the working tree"
scratch=$(mktemp -d "$MCK_TREE/build/sandbox/share.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
head -c 1000000 /dev/urandom > "$scratch/random"
[ "$(stat -c %s "$scratch/random")" = 1000000 ] || fail "short write to the tree"

modprobe loop
grep -q '^loop ' /proc/modules || fail "modprobe does not load"
modprobe -r loop

for tool in bin/mcexec sbin/ihkosctl; do
	cmp "$(command -v "${tool#*/}")" "$MCK_TREE/build/user/$tool" || fail "not the tree's $tool"
done
dmesg | grep 'test: begin sandbox' > /dev/null || fail "the log does not name this test"

# The agent must answer while all CPUs but the first come and go.
for _ in 1 2 3; do
	for cpu in 1 2 3; do
		echo 0 > "/sys/devices/system/cpu/cpu$cpu/online"
	done
	for cpu in 1 2 3; do
		echo 1 > "/sys/devices/system/cpu/cpu$cpu/online"
	done
done
[ "$(nproc)" = 4 ] || fail "$(nproc) CPUs after hotplug"

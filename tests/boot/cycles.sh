#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Many cycles of reserve, boot, ping, shutdown and release: afterwards Linux has what
# it had. The cycles themselves, and the watch over Linux's log, are in guest/cycle.c.
#
#   cycles.sh COUNT
#
# The first cycles are not counted: per-CPU caches, log buffers and the slabs of CPU
# hotplug grow until they have met every CPU. Then the bounds are such that one
# object or page lost in each cycle shows:
#   - kmalloc caches, shrunk so that they hold live objects alone: fewer than COUNT / 2
#     more objects in any one of them. Linux's own hotplug moves them by a few dozen
#   - memory that Linux neither uses nor has free: at most 4 KiB for each cycle
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

count=${1:-200}
warmup=10

# "CACHE OBJECTS", live ones alone.
kmalloc_objects() {
	local cache

	for cache in /sys/kernel/slab/kmalloc-*; do
		echo 1 > "$cache/shrink"
		echo "${cache##*/} $(cut -d' ' -f1 "$cache/objects")"
	done
}

# Lines of "CACHE MORE" for each that gained too many.
kmalloc_growth() {
	join "$scratch/slabs.before" "$scratch/slabs.after" |
		awk -v max=$((count / 2)) '$3 - $2 >= max { print $1, $3 - $2 }'
}

run_cycles() {
	"$programs/cycle" "$1" "$lwk_cpus" "$OS_MEM@$lwk_node" "$image"
	expect_nothing_reserved
}

test_begin
run_cycles "$warmup"
settle_memory
kmalloc_objects | sort > "$scratch/slabs.before"
missing=$(missing_kib)
areas=$(wc -l < /proc/vmallocinfo)

say "$count cycles on CPUs $lwk_cpus"
run_cycles "$count"
expect_eq "the set of online CPUs" "$linux_cpus" "$(online_cpus)"
settle_memory
kmalloc_objects | sort > "$scratch/slabs.after"
expect_eq "kmalloc caches that grew" "" "$(kmalloc_growth)"
missing=$(($(missing_kib) - missing))
say "$missing KiB are missing, $(($(wc -l < /proc/vmallocinfo) - areas)) more vmalloc areas"
[ "$missing" -lt $((4 * count)) ] || fail "$missing KiB lost in $count cycles"
[ $(($(wc -l < /proc/vmallocinfo) - areas)) -lt $((count / 2)) ] ||
	fail "vmalloc areas are lost: $(grep -c ihk /proc/vmallocinfo) of ihk"
test_end

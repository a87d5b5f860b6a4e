#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Many cycles of reserve, boot, ping, shutdown and release: afterwards Linux has what
# it had. The cycles themselves, and the watch over Linux's log, are in guest/cycle.c.
#
#   cycles.sh COUNT
#
# The first cycles are not counted: caches of CPU hotplug and of the tools grow until
# they have met every CPU. Then
#   - memory that Linux neither uses nor has free may grow by 4 KiB a cycle, and by what two
#     looks at it differ by;
#   - a kmalloc cache may grow by half an object a cycle beyond what the CPUs' current
#     slabs hide: a cache counts them as full. Small objects can hide there, so
#   - where the machine traces allocations (slub_debug=U), the live objects that ihk
#     allocated are no more than those from before, whatever their size, instead.
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/boot/slabs.sh
. "$(dirname "$0")/slabs.sh"

count=${1:-200}
warmup=10

tracing=no
! grep -qw 'slub_debug=[A-Z]*U[A-Z]*' /proc/cmdline || tracing=yes

# "FUNCTION COUNT" for what ihk has allocated and not freed. Of each call chain the first
# frames tell: deep in it are allocations that hotplug makes for Linux itself.
traced_objects() {
	cat /sys/kernel/debug/slab/kmalloc-*/alloc_traces |
		awk '/age=/ { objects = $1; frame = 0; next }
			++frame <= 5 && /\[ihk\]/ && objects { live[$1] += objects; objects = 0 }
			END { for (f in live) print f, live[f] }' | sort
}

# traced_are_back BEFORE: no function has more than then. What waits for a grace period is live.
traced_are_back() {
	local more

	settle_memory
	traced_objects > "$scratch/traced"
	more=$(join -a 2 -e 0 -o 0,1.2,2.2 "$1" "$scratch/traced" |
		awk '$3 > $2 { print $1, $3 - $2 }')
	say "objects that ihk has more: ${more//$'\n'/, }"
	[ -z "$more" ]
}

# Mappings of vmalloc and vmap; those that await the next purge are gone already.
vmalloc_areas() {
	grep -vc unpurged /proc/vmallocinfo
}

# areas_are_back BEFORE MOST: stacks of processes that have ended are among them for a while.
areas_are_back() {
	local more

	more=$(($(vmalloc_areas) - $1))
	say "$more more vmalloc areas, $(grep -c ihk /proc/vmallocinfo || true) of ihk"
	[ "$more" -lt "$2" ]
}

run_cycles() {
	"$programs/cycle" "$1" "$lwk_cpus" "$OS_MEM@$lwk_node" "$image"
	expect_nothing_reserved
}

test_begin
run_cycles "$warmup"
settle_memory
if [ "$tracing" = yes ]; then
	traced_objects > "$scratch/traced.before"
	say "live objects of ihk: $(paste -sd, "$scratch/traced.before")"
else
	slab_objects 'kmalloc-*' > "$scratch/slabs.before"
fi
missing=$(missing_kib)
areas=$(vmalloc_areas)

say "$count cycles on CPUs $lwk_cpus"
run_cycles "$count"
expect_eq "the set of online CPUs" "$linux_cpus" "$(online_cpus)"
if [ "$tracing" = yes ]; then
	until_true traced_are_back "$scratch/traced.before"
else
	expect_slabs_back 'kmalloc-*' "$scratch/slabs.before" "$scratch/slabs.after" \
		$((count / 2)) 1
fi
expect_memory_back "$missing" $((4 * count > MEM_DRIFT_KIB ? 4 * count : MEM_DRIFT_KIB))
until_true areas_are_back "$areas" $((count / 2))
test_end

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A small static program runs a great many times, four runs at once. Afterwards neither kernel has
# more than before: memory, live objects, files, processes, entries in /proc.
#
#   proc-endure.sh [COUNT]	10000 unless it is told
#
# The first runs are not counted. Of Linux's slab caches none may gain a tenth of an object for each
# run, beyond what the CPUs' own slabs hide, of which a cache that every process uses has several; the
# bound for memory does not depend on COUNT. So ten thousand runs show whatever one in ten leaves.
# The LWK's counts are exact.
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/boot/slabs.sh
. "$(dirname "$0")/slabs.sh"

count=${1:-10000}
at_once=4
warmup=100
piece=1000
# Slabs that each CPU may have to itself.
cpu_slabs=4

run() {
	"$programs/run_many" "$1" "$at_once" hello "$scratch/mcexec" "$os" "$scratch/victim" hello \
		> "$scratch/runs"
}

# Processes that are no threads of the kernel. (Of a pipe there may be one end, or both.)
processes() {
	find /proc -maxdepth 2 -path '/proc/[0-9]*/exe' -lname '*' \
		> "$scratch/found" 2> "$scratch/vanished" || true
	wc -l < "$scratch/found"
}

# What is counted exactly, one line each.
exact_counts() {
	echo "processes: $(processes)"
	echo "entries of /proc/mcos$os: $(find "/proc/mcos$os" | wc -l)"
	echo "users of mcctrl: $(mcctrl_uses)"
	echo "mappings of the modules: $(grep -c -e '\[ihk\]' -e '\[mcctrl\]' /proc/vmallocinfo)"
	echo "interrupt lines: $(wc -l < /proc/interrupts)"
}

# Names and inodes that were used of late outlive being dropped once.
settle_caches() {
	settle_memory
	settle_memory
}

test_begin
# From the tree they would come over the network each time.
cp "$programs/victim" "$(command -v mcexec)" "$scratch"
programs_up
run "$warmup"
expect_no_programs
exact=$(exact_counts)
settle_caches
slab_objects '*' > "$scratch/slabs.before"
missing=$(missing_kib)
say "before: LWK objects and pages $lwk_before; Linux misses $missing KiB; ${exact//$'\n'/, }"

for ((done = 0; done < count; done += piece)); do
	run $((count - done < piece ? count - done : piece))
	expect_no_programs
	say "$((done + piece < count ? done + piece : count)) runs, LWK: $(lwk_objects "$os")"
done

expect_eq "what is counted exactly" "$exact" "$(exact_counts)"
expect_slabs_back '*' "$scratch/slabs.before" "$scratch/slabs.after" $((count / 10)) "$cpu_slabs"
say "after: LWK objects and pages $(lwk_objects "$os")"
expect_memory_back "$missing"
say "the slab caches that grew most"
join "$scratch/slabs.before" "$scratch/slabs.after" | awk '{ print $4 - $2, $1 }' | sort -rn |
	head -n 5
programs_down
test_end

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Memory that Linux gets back holds nothing of what the LWK wrote: the LWK fills its
# memory with a pattern that is searched for in physical memory, before and after.
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

pattern=$((0x6d634b65726e656c))

# "START,END,START,END" of all reserved memory.
reserved_ranges() {
	local start size

	ihkconfig 0 query mem --json | json_rows start size | while read -r start size; do
		echo "$start,$((start + size))"
	done | paste -sd,
}

# scan RANGES: pages in them that hold the pattern.
scan() {
	insmod "$modules/memscan.ko" range="$1" triple="$(printf %u $((3 * pattern)))"
	cat /sys/module/memscan/parameters/hits
	rmmod memscan
}

test_begin
os_up "$lwk_cpus"
ranges=$(reserved_ranges)
say "physical ranges: $ranges"
filled=$(ihkosctl "$os" test --json fill-memory $pattern | json_items | sed -n 1p)
hits=$(scan "$ranges")
say "$filled bytes filled; while the LWK has it, $hits pages hold the pattern"
[ "$hits" -ge $((filled / 4096)) ] || fail "the scan does not find the pattern"

ihkosctl "$os" shutdown
ihkosctl "$os" release mem all
say "unassigned: nobody else gets it as it was"
expect_eq "pages with the pattern in unassigned memory" 0 "$(scan "$ranges")"

say "the same from an LWK that panicked, given back at once"
ihkosctl "$os" assign mem "$OS_MEM@$lwk_node"
ihkosctl "$os" load "$image"
ihkosctl "$os" boot
ihkosctl "$os" test fill-memory $pattern
ihkosctl "$os" test panic --no-wait
os_wait "$os" PANIC
os_down "$os"
release_all
expect_eq "pages with the pattern in Linux's memory" 0 "$(scan "$ranges")"
test_end

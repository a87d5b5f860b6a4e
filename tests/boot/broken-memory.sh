#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A page of which Linux learns that it is broken, while an LWK has it, is not of the next LWK, and
# goes back to Linux untouched, which gives it to nobody. Here Linux is only told so.
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

# last_page: address of the last page of the first piece of memory that is reserved.
last_page() {
	local start size

	read -r start size < <(ihkconfig 0 query mem --json | json_rows start size)
	echo $((start + size - 4096))
}

# break_page ADDRESS: Linux cannot do anything about it, and says so.
break_page() {
	echo "$1" > /sys/devices/system/memory/hard_offline_page 2> /dev/null || true
	expect_log 'recovery action.*: Ignored'
}

# expect_less BEFORE: the instance has less than before, by no more than what is around a page.
expect_less() {
	local after lost

	after=$(os_mem "$os")
	lost=$(($1 - after))
	[ "$lost" -ge 4096 ] && [ "$lost" -le 2097152 ] || fail "the instance has $1, then $after"
	log_mark
}

test_begin
os_up "$lwk_cpus"
before=$(os_mem "$os")
say "while an LWK runs"
break_page "$(last_page)"
ping_all "$os"
ihkosctl "$os" shutdown
ihkosctl "$os" boot
expect_log '1 pages that Linux still uses, or are broken, go back to it'
expect_less "$before"
ping_all "$os"

say "in memory that leaves the instance"
break_page "$(last_page)"
os_down "$os"
expect_log '1 pages that Linux still uses, or are broken, go back to it'
release_all
expect_eq "what Linux has set aside as broken, KiB" 8 "$(meminfo HardwareCorrupted)"
log_mark
test_end

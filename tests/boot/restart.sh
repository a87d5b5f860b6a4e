#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# An LWK is booted again and again on CPUs that Linux does not get back in between:
# each boot has its own readable log, and Linux sees no hotplug.
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

restarts=${1:-20}

test_begin
os_up "$lwk_cpus"
log_mark
for n in $(seq 2 "$restarts"); do
	ihkosctl "$os" shutdown
	expect_status "$os" INACTIVE
	expect_kmsg "$os" 'cpu0 '
	ihkosctl "$os" kargs "test_hooks"
	ihkosctl "$os" boot
	ping_all "$os" 5
	log=$(ihkosctl "$os" kmsg)
	expect_eq "boots" "$n" "$(ihkosctl "$os" status --json | json_number boots)"
	# One log holds one boot: the line that opens it is there once.
	expect_eq "first lines in the log of boot $n" 1 \
		"$(grep -c -F "$(head -n 1 <<< "$log" | sed 's/^[^]]*\] //')" <<< "$log")"
done
expect_no_match "Linux's log" 'smpboot|is now offline|Booting Node' "$(log_since)"
expect_log_clean
os_down "$os"
release_all
test_end

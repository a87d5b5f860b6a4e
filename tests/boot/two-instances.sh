#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Two LWKs side by side: one panics, or hangs, while the other goes on answering.
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

# Half of the LWK CPUs for each.
middle=$(((lwk_first + lwk_last) / 2))
first_cpus=$(cpu_list $(seq "$lwk_first" "$middle"))
second_cpus=$(cpu_list $(seq $((middle + 1)) "$lwk_last"))

# kill_first WORD STATUS: the test of that name makes the first LWK reach STATUS.
kill_first() {
	say "$1 in instance $first"
	ihkosctl "$first" test "$1" --cpu 0 --no-wait
	ping_all "$second"
	os_wait "$first" "$2"
	expect_status "$second" RUNNING
	ping_all "$second" 50
	ihkosctl "$first" shutdown
	ping_all "$second"
	ihkosctl "$first" boot
	ping_all "$first"
	ping_all "$second"
}

test_begin hang_timeout_s=2
os_up "$first_cpus"
first=$os
os_up "$second_cpus"
second=$os
expect_eq "instances" "$first,$second" "$(ihkconfig 0 get os_instances)"
ping_all "$first"
ping_all "$second"
kill_first panic PANIC
kill_first hang HUNGUP

say "each stops without the other"
ihkosctl "$first" shutdown
ping_all "$second"
expect_status "$second" RUNNING
os_down "$first" "$second"
release_all
test_end

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# An LWK's CPUs run at the highest frequency that Linux lets them have, not at the lowest, at
# which a driver leaves a CPU that goes offline.
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

cpu=/sys/devices/system/cpu/cpu$lwk_first/cpufreq

# request CPU: what its processor was asked for, in hexadecimal.
request() {
	printf '%x\n' "$(cut -d, -f$(($1 + 1)) /sys/module/fakefreq/parameters/requests)"
}

# expect_speed REQUEST: an LWK's CPU asks for it again.
expect_speed() {
	os_up "$lwk_cpus"
	expect_eq "Linux's last request" 808 "$(request "$lwk_first")"
	expect_match "the LWK's log" "CPU 0 has .*: MSR 0x774 is 0x$1\$" "$(ihkosctl "$os" kmsg)"
	os_down "$os"
	release_all
	expect_eq "the least frequency afterwards" 800000 "$(cat "$cpu/scaling_min_freq")"
	expect_eq "Linux's request afterwards" "$2" "$(request "$lwk_first")"
}

test_begin
say "no driver: no request"
os_up "$lwk_cpus"
expect_no_match "the LWK's log" 'MSR' "$(ihkosctl "$os" kmsg)"
os_down "$os"
release_all

say "the highest frequency, then one that the administrator allows"
insmod "$modules/fakefreq.ko"
expect_eq "Linux's request" 1e08 "$(request "$lwk_first")"
expect_speed 1e1e 1e08
echo 2000000 > "$cpu/scaling_max_freq"
expect_speed 1414 1408
rmmod fakefreq
test_end

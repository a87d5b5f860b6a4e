#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A CPU that is held cannot be brought online from sysfs, whatever it is held for,
# and comes back when it is released.
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

# The write must fail with EBUSY and leave everything as it was.
expect_guarded() {
	say "$1"
	refuse 'busy' bash -c "echo 1 > /sys/devices/system/cpu/cpu$lwk_last/online"
	expect_eq "online file" 0 "$(cat "/sys/devices/system/cpu/cpu$lwk_last/online")"
}

test_begin hang_timeout_s=2
ihkconfig 0 reserve cpu "$lwk_cpus"
expect_guarded reserved
ihkconfig 0 release cpu "$lwk_cpus"
expect_eq "online CPUs after release" "$linux_cpus" "$(online_cpus)"

os_new "$lwk_cpus"
expect_guarded assigned
ihkosctl "$os" boot
expect_guarded running
ping_all "$os"
ihkosctl "$os" test panic --no-wait
os_wait "$os" PANIC
expect_guarded panicked
ihkosctl "$os" shutdown
expect_guarded "shut down"

say "an offline CPU that nobody holds is Linux's own business"
os_down "$os"
release_all
echo 0 > "/sys/devices/system/cpu/cpu$lwk_last/online"
refuse 'online|offline' ihkconfig 0 reserve cpu "$lwk_last"
echo 1 > "/sys/devices/system/cpu/cpu$lwk_last/online"
test_end

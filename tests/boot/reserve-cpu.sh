#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# CPUs are taken all or none and come back, as often as one likes; two hardware
# threads of a core go together.
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

cycles=20

test_begin
say "$cycles times there and back"
for _ in $(seq $cycles); do
	ihkconfig 0 reserve cpu "$lwk_cpus"
	expect_eq "held CPUs" "$lwk_cpus" "$(ihkconfig 0 query cpu --all)"
	ihkconfig 0 release cpu "$lwk_cpus"
	expect_eq "online CPUs" "$linux_cpus" "$(online_cpus)"
done

say "all or none"
echo 0 > "/sys/devices/system/cpu/cpu$lwk_first/online"
refuse "CPU $lwk_first is offline" ihkconfig 0 reserve cpu "$lwk_last,$lwk_first"
expect_eq "online file" 1 "$(cat "/sys/devices/system/cpu/cpu$lwk_last/online")"
echo 1 > "/sys/devices/system/cpu/cpu$lwk_first/online"
expect_nothing_reserved

say "reserved, assigned, given back"
ihkconfig 0 reserve cpu "$lwk_cpus"
refuse "CPU $lwk_last is already reserved" ihkconfig 0 reserve cpu "$lwk_last"
os=$(ihkconfig 0 create)
ihkosctl "$os" assign cpu "$lwk_last"
refuse "belongs to OS instance $os" ihkosctl "$os" assign cpu "$lwk_last"
refuse "belongs to OS instance $os" ihkconfig 0 release cpu "$lwk_cpus"
expect_eq "held CPUs" "$lwk_cpus" "$(ihkconfig 0 query cpu --all)"
other=$(ihkconfig 0 create)
refuse "belongs to OS instance $os" ihkosctl "$other" assign cpu "$lwk_cpus"
refuse "not assigned" ihkosctl "$other" release cpu "$lwk_last"
ihkosctl "$os" release cpu "$lwk_last"
ihkosctl "$other" assign cpu "$lwk_cpus"
ihkconfig 0 destroy "$other"
ihkconfig 0 destroy "$os"

say "the server of an IKC map is Linux's, and online"
os=$(ihkconfig 0 create)
ihkosctl "$os" assign cpu "$lwk_last"
ihkosctl "$os" set ikc_map "$lwk_last:0"
expect_eq "map" "$lwk_last:0" "$(ihkosctl "$os" get ikc_map)"
refuse "CPU $lwk_first is reserved" ihkosctl "$os" set ikc_map "$lwk_last:$lwk_first"
refuse "CPU 99 " ihkosctl "$os" set ikc_map "$lwk_last:99"
expect_eq "map" "$lwk_last:0" "$(ihkosctl "$os" get ikc_map)"

say "rmmod gives back what is merely reserved"
rmmod ihk
leak_check

say "hardware threads of one core"
siblings=$(cat "/sys/devices/system/cpu/cpu$lwk_last/topology/thread_siblings_list")
if [ "$siblings" != "$lwk_last" ]; then
	ihk_load
	refuse "CPU $lwk_last shares a physical core" ihkconfig 0 reserve cpu "$lwk_last"
	ihkconfig 0 reserve cpu "$siblings"
	ihkconfig 0 release cpu "$siblings"
	rmmod ihk
	ihk_load allow_split_cores=1
	ihkconfig 0 reserve cpu "$lwk_last"
	ihkconfig 0 release cpu "$lwk_last"
else
	say "this machine has one per core"
	ihk_load
fi
test_end

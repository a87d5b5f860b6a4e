#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Several administrators do everything at once, against each other and against CPU
# hotplug. Requests may be refused; nothing may hang, and nothing may be left.
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

rounds=25

# What one administrator does, on the CPU that all of them want.
administrate() {
	local mine

	for _ in $(seq $rounds); do
		ihkconfig 0 reserve cpu "$lwk_last"
		ihkconfig 0 reserve mem 24M@0
		if mine=$(ihkconfig 0 create); then
			ihkosctl "$mine" assign cpu "$lwk_last"
			ihkosctl "$mine" assign mem 16M@0
			ihkosctl "$mine" query mem
			ihkosctl "$mine" status
			ihkconfig 0 query cpu --all
			ihkconfig 0 query mem --all
			ihkosctl "$mine" release mem 8M
			ihkconfig 0 destroy "$mine"
		fi
		ihkconfig 0 release cpu "$lwk_last"
		ihkconfig 0 release mem 24M@0
	done
}

hotplug() {
	for _ in $(seq $rounds); do
		echo 0 > "/sys/devices/system/cpu/cpu$lwk_first/online"
		echo 1 > "/sys/devices/system/cpu/cpu$lwk_first/online"
		echo 1 > "/sys/devices/system/cpu/cpu$lwk_last/online"
	done
}

test_begin
pids=
for one in administrate administrate hotplug; do
	# Refusals are part of it; each process must come to its end.
	(
		set +e
		$one
		true
	) > "$scratch/$one.$RANDOM" 2>&1 &
	pids+="$! "
done
for pid in $pids; do
	wait "$pid"
done
expect_eq "instances" "" "$(ihkconfig 0 get os_instances)"
ihkconfig 0 release mem all
[ -z "$(ihkconfig 0 query cpu --all)" ] || ihkconfig 0 release cpu all
echo 1 > "/sys/devices/system/cpu/cpu$lwk_last/online"
test_end

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What the LWK says of itself: its files in sysfs, who may write which, that they go with the LWK,
# also under readers; and the state of its programs, in its log.
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

# is FILE TEXT
is() {
	expect_eq "$1" "$2" "$(cat "$sys/$1")"
}

# The CPUs of the LWK, by Linux's numbers, in its own order; and what Linux says of them.
read_machine() {
	local cpu

	numbers=()
	for ((cpu = lwk_first; cpu <= lwk_last; cpu++)); do
		numbers+=("$cpu")
	done
	ncpus=${#numbers[@]}
	all=0-$((ncpus - 1))
	[ "$ncpus" -gt 1 ] || all=0
}

# Which of the CPUs share the last cache, by Linux, which is asked before they are taken; they are
# side by side.
read_caches() {
	local cpu other list file=cache/index3/shared_cpu_list

	cache=()
	for ((cpu = lwk_first; cpu <= lwk_last; cpu++)); do
		list=()
		for ((other = lwk_first; other <= lwk_last; other++)); do
			cmp -s "/sys/devices/system/cpu/cpu$cpu/$file" \
				"/sys/devices/system/cpu/cpu$other/$file" &&
				list+=($((other - lwk_first)))
		done
		[ "${#list[@]}" -eq 1 ] && cache+=("${list[0]}") || cache+=("${list[0]}-${list[-1]}")
	done
}

cpus() {
	local cpu=devices/system/cpu number file

	for file in online possible present; do
		is "$cpu/$file" "$all"
	done
	is "$cpu/num_processors" "$ncpus"
	for ((number = 0; number < ncpus; number++)); do
		is "$cpu/cpu$number/linux_cpu" "${numbers[number]}"
		expect_match "siblings of CPU $number" "^[0-9,-]+$" \
			"$(cat "$sys/$cpu/cpu$number/topology/thread_siblings_list")"
		is "$cpu/cpu$number/topology/physical_package_id" "${package[number]}"
		is "$cpu/cpu$number/topology/core_id" "${core[number]}"
		is "$cpu/cpu$number/cache/last/shared_cpu_list" "${cache[number]}"
	done
	expect_eq "folders of CPUs" "$ncpus" \
		"$(find "$sys/$cpu" -maxdepth 1 -name 'cpu[0-9]*' | wc -l)"
}

# Of offline CPUs Linux says nothing: the LWK's log has what it said before.
read_topology() {
	local number

	package=()
	core=()
	for ((number = 0; number < ncpus; number++)); do
		[[ $(ihkosctl "$os" kmsg) =~ "CPU $number is Linux CPU "[^$'\n']*"core "([0-9]+)" of package "([0-9]+) ]] ||
			fail "the log does not tell of CPU $number"
		core+=("${BASH_REMATCH[1]}")
		package+=("${BASH_REMATCH[2]}")
	done
}

nodes() {
	local node=devices/system/node total free number

	is "$node/online" "$(cat "$sys/$node/possible")"
	for number in "$sys/$node"/node[0-9]*; do
		number=${number##*node}
		total=$(awk '/MemTotal/ { print $4 }' "$sys/$node/node$number/meminfo")
		free=$(awk '/MemFree/ { print $4 }' "$sys/$node/node$number/meminfo")
		if [ "$free" -le 0 ] || [ "$free" -ge "$total" ]; then
			fail "node $number has $total kB, $free free"
		fi
		expect_match "distances of node $number" '^([0-9]+ )*10( [0-9]+)*$' \
			"$(cat "$sys/$node/node$number/distance")"
		[ -d "/sys/devices/system/node/node$(cat "$sys/$node/node$number/linux_node")" ] ||
			fail "Linux has no such node"
	done
}

loglevel() {
	local level

	is kernel/loglevel 6
	echo 3 > "$sys/kernel/loglevel"
	is kernel/loglevel 3
	for level in '' 8 -1 3x 99999999999999999999 "$(printf '%040d' 3)"; do
		echo "$level" 2> /dev/null > "$sys/kernel/loglevel" && fail "it takes '$level'"
		is kernel/loglevel 3
	done
	printf 6 > "$sys/kernel/loglevel"
	is kernel/loglevel 6
	# shellcheck disable=SC2016
	setpriv --reuid 1000 --regid 1000 --clear-groups sh -c 'echo 1 2> /dev/null > "$0"' \
		"$sys/kernel/loglevel" && fail "anybody may write"
	is kernel/loglevel 6
}

# A shell, and the program that it executes; two that one makes.
processes() {
	local before

	before=$(cat "$sys/kernel/processes")
	mcexec "$os" /bin/sh -c 'exec /bin/true'
	is kernel/processes $((before + 2))
	mcexec "$os" /bin/sh -c '(:); (:)'
	is kernel/processes $((before + 5))
	# What Linux runs does not count.
	/bin/true
	is kernel/processes $((before + 5))
}

debug_log() {
	victim_start read
	until_true in_call 0
	until_true sleeps
	ihkosctl "$os" debug_log
	expect_match "the log" "process $victim \(victim\), running.*thread $victim on CPU .*waiting" \
		"$(ihkosctl "$os" kmsg | tr '\n' ' ')"
	victim_ends_well
}

test_begin
read_machine
read_caches
programs_up
sys=/sys/devices/virtual/ihk/mcos$os/sys
say "CPUs"
read_topology
cpus
say "nodes"
nodes
say "the level of the log"
loglevel
say "processes"
processes
say "what programs do, into the log"
debug_log
expect_no_programs
say "it goes with mcctrl"
goes_under_readers "$sys" mcctrl_unload
mcctrl_load
mcexec "$os" /bin/true
is devices/system/cpu/num_processors "$ncpus"
say "it goes with the LWK"
goes_under_readers "$sys" ihkosctl "$os" shutdown
ihkosctl "$os" boot
mcexec "$os" /bin/true
is devices/system/cpu/num_processors "$ncpus"
until_true no_proxies
programs_down
test_end

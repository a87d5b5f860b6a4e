#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What the LWK says of itself, and of the machine for its programs: its files in sysfs, who may write which, that they go with the LWK,
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

# The CPUs of LIST that the LWK has, as a list.
those_of_lwk() {
	local part first last cpu out=()

	for part in ${1//,/ }; do
		first=${part%-*}
		last=${part#*-}
		for ((cpu = first; cpu <= last; cpu++)); do
			if [ "$cpu" -ge "$lwk_first" ] && [ "$cpu" -le "$lwk_last" ]; then
				out+=("$cpu")
			fi
		done
	done
	as_list "${out[@]}"
}

# The numbers, which ascend, as Linux writes sets: "0-3,5".
as_list() {
	local text='' first last

	while [ $# -gt 0 ]; do
		first=$1
		last=$1
		shift
		while [ $# -gt 0 ] && [ "$1" -eq $((last + 1)) ]; do
			last=$1
			shift
		done
		[ "$first" -eq "$last" ] && text+=,$first || text+=,$first-$last
	done
	echo "${text#,}"
}

# What Linux says of each CPU and node before the CPUs are taken. Sets are those of the LWK's CPUs.
read_linux() {
	local dir=/sys/devices/system cpu file node

	declare -gA linux
	for ((cpu = lwk_first; cpu <= lwk_last; cpu++)); do
		for file in physical_package_id core_id; do
			linux[cpu/cpu$cpu/topology/$file]=$(cat "$dir/cpu/cpu$cpu/topology/$file")
		done
		for file in core_cpus thread_siblings package_cpus core_siblings; do
			linux[cpu/cpu$cpu/topology/${file}_list]=$(those_of_lwk \
				"$(cat "$dir/cpu/cpu$cpu/topology/${file}_list")")
		done
		linux[cpu/cpu$cpu/online]=1
	done
	for node in "$dir"/node/node[0-9]*; do
		node=${node##*/}
		linux[node/$node/cpulist]=$(those_of_lwk "$(cat "$dir/node/$node/cpulist")")
	done
	linux[cpu/possible]=$(cat "$dir/cpu/possible")
	linux[cpu/online]=$(as_list "${numbers[@]}")
}

# A mask of CPUs, in words of hexadecimal digits, as a list.
mask_as_list() {
	local digits=${1//,/} i bit cpus=()

	for ((i = 0; i < ${#digits}; i++)); do
		for ((bit = 0; bit < 4; bit++)); do
			if ((16#${digits: -1-i:1} >> bit & 1)); then
				cpus+=($((4 * i + bit)))
			fi
		done
	done
	as_list "${cpus[@]}"
}

# The tree that takes the place of Linux's for programs.
programs_view() {
	local tree=linux/devices/system file list mask node other all_distances nodes=() distances=()

	for file in "${!linux[@]}"; do
		[ -d "$sys/$tree/${file%/*}" ] && is "$tree/$file" "${linux[$file]}"
	done
	for ((cpu = lwk_first; cpu <= lwk_last; cpu++)); do
		[ -d "$sys/$tree/cpu/cpu$cpu/topology" ] || fail "CPU $cpu is not in the tree"
	done
	expect_eq "folders of CPUs" "$ncpus" \
		"$(find "$sys/$tree/cpu" -maxdepth 1 -name 'cpu[0-9]*' | wc -l)"
	for list in "$sys/$tree"/cpu/cpu*/topology/*_list "$sys/$tree"/node/node*/cpulist; do
		mask=${list%_list}
		mask=${mask/cpulist/cpumap}
		expect_eq "$mask" "$(cat "$list")" "$(mask_as_list "$(cat "$mask")")"
	done
	for node in "$sys/$tree"/node/node[0-9]*; do
		nodes+=("${node##*/node}")
	done
	is $tree/node/online "$(as_list "${nodes[@]}")"
	for node in "${nodes[@]}"; do
		distances=()
		read -ra all_distances < "/sys/devices/system/node/node$node/distance"
		for other in "${nodes[@]}"; do
			distances+=("${all_distances[other]}")
		done
		is "$tree/node/node$node/distance" "${distances[*]}"
		expect_match "memory of node $node" "^Node $node MemTotal: +[0-9]+ kB" \
			"$(head -n 1 "$sys/$tree/node/node$node/meminfo")"
	done
}

# What a program reads by Linux's paths; what is not in the tree is Linux's.
programs_read() {
	local system=/sys/devices/system file

	for file in cpu/online "cpu/cpu$lwk_first/topology/core_cpus" node/online; do
		expect_eq "$file" "$(cat "$sys/linux/devices/system/$file")" \
			"$(mcexec "$os" cat "$system/$file")"
	done
	expect_eq "a folder" "$(ls "$sys/linux/devices/system/cpu/cpu$lwk_first/topology")" \
		"$(mcexec "$os" ls "$system/cpu/cpu$lwk_first/topology")"
	for file in cpu/kernel_max cpu/cpu0/topology/core_id clocksource/clocksource0/current_clocksource; do
		expect_eq "$file" "$(cat "$system/$file")" "$(mcexec "$os" cat "$system/$file")"
	done
	mcexec "$os" cat "$system/cpu/nothing" 2> /dev/null && fail "there is no such file"
	if [ -e /sys/fs/cgroup/cpuset.cpus.effective ]; then
		is linux/devices/system/cpu/online \
			"$(mcexec "$os" cat /sys/fs/cgroup/cpuset.cpus.effective)"
		is linux/devices/system/node/online \
			"$(mcexec "$os" cat /sys/fs/cgroup/cpuset.mems.effective)"
	fi
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
	echo >&8
	exec 8>&-
	victim_wait
}

# Reads all files, again and again, as long as they are there.
read_on() {
	while [ -d "$sys" ]; do
		grep -rhs . "$sys" > "$scratch/read" || true
	done
}

goes() {
	local reader

	read_on &
	reader=$!
	until_true test -s "$scratch/read"
	"$@"
	wait "$reader"
	[ ! -e "$sys" ] || fail "$sys is still there"
}

test_begin
read_machine
read_caches
read_linux
programs_up
sys=/sys/devices/virtual/ihk/mcos$os/sys
say "CPUs"
read_topology
cpus
say "nodes"
nodes
say "the machine for programs"
programs_view
programs_read
say "the level of the log"
loglevel
say "processes"
processes
say "what programs do, into the log"
debug_log
expect_no_programs
say "it goes with mcctrl"
goes mcctrl_unload
mcctrl_load
mcexec "$os" /bin/true
is devices/system/cpu/num_processors "$ncpus"
say "it goes with the LWK"
goes ihkosctl "$os" shutdown
ihkosctl "$os" boot
mcexec "$os" /bin/true
is devices/system/cpu/num_processors "$ncpus"
until_true no_proxies
programs_down
test_end

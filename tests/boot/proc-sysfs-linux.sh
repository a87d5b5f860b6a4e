#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What programs see of the LWK's CPUs and nodes in sysfs: the same as Linux said of them while it
# had them, less the CPUs and nodes that the LWK does not have, by Linux's paths; and that it goes
# with a panic, under readers.
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

# Of a cluster the LWK does not know. The others are not of the hardware.
unknown='cluster_.*|uevent|power|ppin'

system=/sys/devices/system
before=$scratch/before

# numbers LIST: one a line
numbers() {
	local part n

	for part in ${1//,/ }; do
		for ((n = ${part%-*}; n <= ${part#*-}; n++)); do
			echo "$n"
		done
	done
}

# to_list < NUMBERS, ascending: as Linux writes them
to_list() {
	local n last='' out=''

	while read -r n; do
		if [ -n "$last" ] && [ "$n" -eq $((last + 1)) ]; then
			out=${out%-"$last"}-$n
		else
			out+=${out:+,}$n
		fi
		last=$n
	done
	echo "$out"
}

# in_both LIST LIST [OPTION]: what is in both; with -v, in the first alone
in_both() {
	{ numbers "$1" | grep -x "${@:3}" -f <(numbers "$2") || true; } | to_list
}

# restrict_mask MASK: to the CPUs of the LWK; a word is enough for these machines
restrict_mask() {
	local cpu keep=0

	[[ $1 != *,* ]] || fail "mask $1 has several words"
	for cpu in $(numbers "$cpus"); do
		keep=$((keep | 1 << cpu))
	done
	printf "%0${#1}x\n" $((0x$1 & keep))
}

# restrict FILE: what it says, of the LWK's CPUs alone
restrict() {
	case $1 in
	*_list | *cpulist) in_both "$(< "$1")" "$cpus" ;;
	*_siblings | *_cpus | *_map | *cpumap) restrict_mask "$(< "$1")" ;;
	*) echo "$(< "$1")" ;;
	esac
}

# Copies what Linux says of the CPUs that are to be taken, and of all nodes.
note() {
	local cpu dir file known

	for cpu in $(numbers "$cpus"); do
		for dir in "$system/cpu/cpu$cpu/topology" "$system/cpu/cpu$cpu/cache"/index*; do
			[ -d "$dir" ] || continue
			known=()
			for file in "$dir"/*; do
				[[ ${file##*/} =~ ^($unknown)$ ]] || known+=("$file")
			done
			mkdir -p "$before/${dir#"$system"/}"
			cp -t "$before/${dir#"$system"/}" "${known[@]}"
		done
	done
	for dir in "$system/node"/node[0-9]*; do
		mkdir -p "$before/node/${dir##*/}"
		cp -t "$before/node/${dir##*/}" "$dir"/{cpumap,cpulist,distance}
	done
}

# is FILE TEXT
is() {
	expect_eq "$1" "$2" "$(< "$tree_of_lwk/$1")"
}

# files DIR: those below it
files() {
	(cd "$1" && find . -type f | sort)
}

cpus() {
	local cpu file folder

	is cpu/online "$cpus"
	is cpu/offline "$(in_both "$(cat "$system/cpu/possible")" "$cpus" -v)"
	is cpu/possible "$(cat "$system/cpu/possible")"
	is cpu/present "$(cat "$system/cpu/present")"
	for cpu in $(numbers "$cpus"); do
		folder=cpu/cpu$cpu
		is "$folder/online" 1
		for file in topology cache; do
			[ ! -d "$before/$folder/$file" ] ||
				expect_eq "files of $folder/$file" "$(files "$before/$folder/$file")" \
					"$(files "$tree_of_lwk/$folder/$file")"
		done
		for file in $(files "$before/$folder"); do
			is "$folder/${file#./}" "$(restrict "$before/$folder/$file")"
		done
		file=$(readlink "$tree_of_lwk/$folder"/node*)
		expect_eq "the node of CPU $cpu" "../../node/node${node_of[cpu]}" "$file"
		[ "$tree_of_lwk/node/node${node_of[cpu]}/cpu$cpu" -ef "$tree_of_lwk/$folder" ] ||
			fail "its node does not have CPU $cpu"
	done
	expect_eq "CPUs with folders" "$cpus" \
		"$(find "$tree_of_lwk/cpu" -maxdepth 1 -name 'cpu[0-9]*' | sed 's/.*cpu//' | sort -n |
			to_list)"
}

# distances NODE: Linux's, to the nodes of the LWK
distances() {
	local node i=0 all out=()

	read -ra all < "$before/node/node$1/distance"
	for node in $(numbers "$(cat "$system/node/online")"); do
		[ -z "$(in_both "$node" "$nodes")" ] || out+=("${all[i]}")
		i=$((i + 1))
	done
	echo "${out[*]}"
}

nodes() {
	local node folder kib

	is node/online "$nodes"
	is node/possible "$(cat "$system/node/possible")"
	is node/has_cpu "$cpu_nodes"
	is node/has_memory "$mem_nodes"
	is node/has_normal_memory "$mem_nodes"
	for node in $(numbers "$nodes"); do
		folder=node/node$node
		is "$folder/cpumap" "$(restrict "$before/$folder/cpumap")"
		is "$folder/cpulist" "$(restrict "$before/$folder/cpulist")"
		is "$folder/distance" "$(distances "$node")"
		kib=$(awk -v node="$node" '$1 == "Node" && $2 == node && $3 == "MemTotal:" { print $4 }' \
			"$tree_of_lwk/$folder/meminfo")
		if [ -n "$(in_both "$node" "$mem_nodes")" ]; then
			[ "$kib" -gt 0 ] || fail "node $node has no memory"
		else
			expect_eq "memory of node $node" 0 "$kib"
		fi
	done
	expect_eq "nodes with folders" "$nodes" \
		"$(find "$tree_of_lwk/node" -maxdepth 1 -name 'node[0-9]*' | sed 's/.*node//' |
			sort -n | to_list)"
}

# By Linux's paths programs read all of the tree, and what is not there is Linux's. How much memory
# is free changes.
programs_read() {
	local all file

	mapfile -t all < <(files "$tree_of_lwk" | grep -v meminfo | sed 's|^\./||')
	expect_eq "files" "$(cd "$tree_of_lwk" && grep -H '' "${all[@]}")" \
		"$(mcexec "$os" grep -H '' "${all[@]/#/$system/}" | sed "s|^$system/||")"
	for file in cpu node "cpu/cpu$lwk_first/cache/index0" "node/node$lwk_node"; do
		expect_eq "folder $file" "$(ls "$tree_of_lwk/$file")" \
			"$(mcexec "$os" ls "$system/$file")"
	done
	expect_eq "CPUs and nodes of the group" "$cpus $nodes" "$(mcexec "$os" \
		cat /sys/fs/cgroup/cpuset.{cpus,mems}.effective | xargs)"
	for file in cpu/kernel_max cpu/cpu0/topology/core_id \
		clocksource/clocksource0/current_clocksource; do
		expect_eq "$file" "$(cat "$system/$file")" "$(mcexec "$os" cat "$system/$file")"
	done
	! mcexec "$os" cat "$system/cpu/nothing" 2> /dev/null || fail "there is no such file"
}

# A CPU of Linux's half, too, so that the LWK's numbers and Linux's are not side by side; and
# memory where no CPU is, if there is such a node.
cpus=$({ echo 1; seq "$lwk_first" "$lwk_last"; } | sort -nu | to_list)
for cpu in $(numbers "$cpus"); do
	node_of[cpu]=$(cpu_node "$cpu")
done
cpu_nodes=$(printf '%s\n' "${node_of[@]}" | sort -nu | to_list)
memory=$OS_MEM@$lwk_node
mem_nodes=$lwk_node
if [ "$lwk_node" != 1 ] && [ -d "$system/node/node1" ]; then
	memory+=,32M@1
	mem_nodes=$(printf '%s\n' 1 "$lwk_node" | sort -nu | to_list)
fi
nodes=$({ numbers "$cpu_nodes"; numbers "$mem_nodes"; } | sort -nu | to_list)

# Half a core is what restricts the siblings.
test_begin allow_split_cores=1
note
programs_up "$cpus" "$memory"
tree_of_lwk=/sys/devices/virtual/ihk/mcos$os/sys/linux/devices/system
say "CPUs $cpus"
cpus
say "nodes $nodes"
nodes
say "by Linux's paths"
programs_read
expect_no_programs
say "it goes with an LWK that panics"
goes_under_readers "$tree_of_lwk" ihkosctl "$os" test panic --no-wait
expect_status "$os" PANIC
programs_down
test_end

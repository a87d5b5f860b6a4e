#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Options of mcexec that say where a program runs and how it begins: that it really is so.
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

# What programs print: the CPU that they run on; a line of their own status.
# shellcheck disable=SC2016 # Perl's
this_cpu=(perl -e '$cpu = pack("L", 0); syscall(309, $cpu, 0, 0); print unpack("L", $cpu)')

own_status() {
	sed -n "s/^$1:[[:space:]]*//p"
}

cpus() {
	local n

	say "-c"
	for n in $(seq 0 $((lwk_last - lwk_first))); do
		expect_eq "the CPU of -c $n" $((lwk_first + n)) "$(mcexec -c "$n" "$os" "${this_cpu[@]}")"
		expect_eq "the set of -c $n" $((lwk_first + n)) \
			"$(mcexec -c "$n" "$os" cat /proc/self/status | own_status Cpus_allowed_list)"
	done
}

# Each node has as much as the program needs, and half of what it must not get.
nodes() {
	local node

	say "-m"
	for node in "${mem_nodes[@]}"; do
		expect_eq "policy of -m $node" "begins with: mode 0x2 nodes $(printf '%#x' $((1 << node)))" \
			"$(mcexec -m "$node" "$os" "$apps/mm_numa" tell | head -n 1)"
		expect_eq "what fits on node $node" "all there" \
			"$(mcexec -m "$node" "$os" "$programs/victim" touch 24)"
		status=0
		mcexec --mem="$node" "$os" "$programs/victim" touch 80 || status=$?
		expect_eq "status of what does not fit on node $node" 137 "$status"
		# Then the memory is free again.
		until_true no_proxies
	done
	expect_eq "what fits on both" "all there" \
		"$(mcexec -m "${mem_nodes[0]}-${mem_nodes[1]}" "$os" "$programs/victim" touch 80)"
	expect_match "policy of what a program executes" "mode 0x2 nodes $(printf '%#x' $((1 << node)))" \
		"$(mcexec -m "$node" "$os" sh -c "'$apps/mm_numa' tell; true")"
	expect_eq "policy with the caller's" "begins with: mode 0x2 nodes $(printf '%#x' $((1 << node)))" \
		"$(numactl --interleave=0 mcexec -m "$node" "$os" "$apps/mm_numa" tell | head -n 1)"
	mcexec_refuses "LWK $os has no memory of node 0" -m 0
	mcexec_refuses "LWK $os has no memory of node 77" -m "$node,77"
	for node in "1," ",1" 2-1 1-x -1 9999 ""; do
		mcexec_refuses 'not a list of NUMA nodes' -m "$node"
	done
}

resident() {
	mcexec "$@" "$os" cat /proc/self/status | own_status VmRSS | cut -d ' ' -f 1
}

stack() {
	local less more

	say "-s"
	less=$(resident)
	more=$(resident -s 4M)
	echo "   $less kB, with 4 MiB of stack $more kB"
	# Some of it was there before; and how much of its files a program has differs by some pages.
	[ $((more - less)) -ge 3584 ] || fail "the stack is not there"
	[ $((more - less)) -le 4352 ] || fail "more than the stack is there"
}

# Addresses of three runs, what is alike once.
places() {
	for _ in 1 2 3; do
		mcexec -v "$@" "$os" /bin/true 2>&1 | sed 's/.* at //'
	done | sort -u | wc -l
}

words() {
	say "-v"
	mcexec -v -c 1 "$os" /bin/true 2> "$scratch/said"
	sed 's/^/   /' "$scratch/said"
	expect_match "where it runs" "^mcexec: process [0-9]+ on LWK $os, CPU 1: .*/true at 0x" \
		"$(cat "$scratch/said")"
	expect_match "its interpreter" '^mcexec: interpreter /.* at 0x' "$(cat "$scratch/said")"
	expect_eq "lines" 2 "$(wc -l < "$scratch/said")"
	say "-R"
	expect_eq "places of program and interpreter" 2 "$(places -R)"
	expect_eq "places at random" 6 "$(places)"
	say "-e"
	expect_eq "a variable" "a=b c" "$(mcexec -e X=1 -e "WORD=a=b c" "$os" sh -c 'echo "$WORD"')"
	mcexec_refuses 'not NAME=VALUE' -e WORD
}

apps=$tree/build/tests/apps

test_begin
mem_nodes=("$(cpu_node "$lwk_first")" "$(cpu_node "$lwk_last")")
programs_up "$lwk_cpus" "64M@${mem_nodes[0]},64M@${mem_nodes[1]}"
cpus
nodes
stack
words
expect_no_programs
programs_down
test_end

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# mcexec -n: each program gets a share of the LWK's CPUs that no other has, near to each other; it keeps
# it when it executes another program, and leaves it to the next one when it ends.
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

declare -A pids inputs

# share_start NAME N: a program that says where it may run, and then waits for its input to end.
# shellcheck disable=SC2016 # for the shell on the LWK
share_start() {
	local fd

	mkfifo "$scratch/in.$1"
	exec {fd}<> "$scratch/in.$1"
	mcexec -n "$2" "$os" sh -c 'sed -n "s/^Cpus_allowed_list:[[:space:]]*//p" /proc/self/status
		exec sed -n "s/^go //p; /^end/q"' < "$scratch/in.$1" > "$scratch/out.$1" &
	pids[$1]=$!
	inputs[$1]=$fd
	until_true test -s "$scratch/out.$1"
	say "share $1 of $2: CPUs $(cat "$scratch/out.$1")"
}

share_cpus() {
	cat "$scratch/out.$1"
}

forget() {
	local fd=${inputs[$1]}

	exec {fd}>&-
	unset "pids[$1]" "inputs[$1]"
	rm "$scratch/in.$1" "$scratch/out.$1"
}

share_end() {
	echo end >&"${inputs[$1]}"
	wait "${pids[$1]}"
	forget "$1"
}

# list FIRST COUNT
list() {
	[ "$2" -eq 1 ] && echo "$1" || echo "$1-$(($1 + $2 - 1))"
}

# all_shares N: at the same time, by the order in which they come.
all_shares() {
	local each=$((ncpus / $1)) more=$((ncpus % $1)) first=$lwk_first i len

	for i in $(seq "$1"); do
		share_start "$i" "$1"
		len=$((each + (i <= more)))
		expect_eq "share $i of $1" "$(list "$first" "$len")" "$(share_cpus "$i")"
		first=$((first + len))
	done
	mcexec_refuses "all $1 shares of LWK $os are taken" -n "$1"
	# Another cut has none that is free either.
	mcexec_refuses "all 1 shares of LWK $os are taken" -n 1
}

test_begin
programs_up "$lwk_cpus" "128M@$lwk_node"
ncpus=$((lwk_last - lwk_first + 1))

for n in $ncpus 2; do
	say "$n at once"
	all_shares "$n"
	say "what ends, and what is killed, leaves its share"
	for how in end kill; do
		cpus=$(share_cpus 2)
		if [ "$how" = end ]; then
			share_end 2
		else
			kill -KILL "${pids[2]}"
			wait "${pids[2]}" || true
			forget 2
		fi
		share_start 2 "$n"
		expect_eq "the share that was free again" "$cpus" "$(share_cpus 2)"
	done
	for i in $(seq "$n"); do
		share_end "$i"
	done
	expect_no_programs
done
if [ "$ncpus" -gt 3 ]; then
	say "3 shares"
	all_shares 3
	for i in 1 2 3; do
		share_end "$i"
	done
	expect_no_programs
fi

say "what cannot be"
mcexec_refuses "$((ncpus + 1)) shares of $ncpus CPUs" -n $((ncpus + 1))
mcexec_refuses 'not with --cpu' -n 2 -c 0
mcexec_refuses '"0" is not a number of shares' -n 0
mcexec_refuses '"two" is not a number of shares' --shares=two
# All is free, and who does not ask has all.
expect_eq "where programs run" "$(list "$lwk_first" "$ncpus")" \
	"$(mcexec "$os" sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status)"
expect_no_programs
programs_down
test_end

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Races found by design: a program that does everything at once, by a seed, on an LWK that perturbs its
# schedule by the same seed and looks whether its books are right; a seed for each boot.
#
#   proc-races.sh FIRST-SEED COUNT [STEPS [PERIOD [debug]]]	debug: on that build of the LWK
#
# Stacks of all threads are promised again to each child.
OS_MEM=${OS_MEM:-320M}
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

first=${1:-1}
count=${2:-2}
steps=${3:-6}
period=${4:-8}
build=${5:-release}
[ "$build" != debug ] || image=$tree/build/lwk-debug/mckernel.img

# The argument's own rules: not without test_hooks, and no value that stops everything.
refused() {
	os_up "$lwk_cpus" "$OS_MEM@$lwk_node" "$1"
	expect_kmsg "$os" "$2"
	expect_no_match "the log" 'schedule is perturbed' "$(ihkosctl "$os" kmsg)"
	os_down "$os"
	release_all
}

run_seed() {
	local out

	programs_up "" "" "test_hooks test_yield=$1,$period"
	[ "$build" != debug ] || expect_kmsg "$os" 'McKernel [^ ]*, build [^,]*, debug$'
	expect_kmsg "$os" "the schedule is perturbed, seed $1, one of $period points"
	out=$(mcexec "$os" "$tree/build/tests/apps/thr_races" "$1" "$steps") || fail "seed $1: $out"
	expect_eq "what the program says" $'*shared == 0: yes\nhandled > 0: yes\ndone' "$out"
	# What priorities say holds in any schedule.
	expect_eq "threads of several priorities" "$("$tree/build/tests/apps/thr_pi")" \
		"$(mcexec "$os" "$tree/build/tests/apps/thr_pi")"
	expect_no_programs
	programs_down
}

test_begin
refused "test_yield=1" 'test_yield without test_hooks ignored'
refused "test_hooks test_yield=1,1" 'bad value "1,1" of "test_yield"'
for seed in $(seq "$first" $((first + count - 1))); do
	say "seed $seed"
	run_seed "$seed"
done
test_end

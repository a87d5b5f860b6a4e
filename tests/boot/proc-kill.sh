#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Programs are killed in every state: neither kernel keeps anything of them.
#
#   proc-kill.sh [RUNS]	of the random kills, each
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

runs=${1:-40}

test_begin
programs_up

say "killed while it is about to make each of its system calls"
"$programs/kill_at" mcexec "$os" "$programs/victim" hello
expect_no_programs

say "killed while it runs, waits, changes its memory"
for mode in spin read calls revoke lend fault signals; do
	victim_start "$mode"
	[ "$mode" != read ] || until_true in_call 0
	[ "$mode" != spin ] || until_true in_call 16
	kill -KILL "$victim"
	victim_wait
	expect_eq "the status of $mode" 137 "$status"
	expect_no_programs
done

say "killed while the LWK wants memory back from it and has frames of its"
victim_start revoke 1000000
"$programs/kill_revoke" "$victim"
victim_wait
expect_no_programs

say "killed at any moment, by turns and eight at once"
for at_once in 1 8; do
	for mode in calls revoke lend fault; do
		"$programs/run_many" -k "$runs" "$at_once" ready \
			mcexec "$os" "$programs/victim" "$mode"
		expect_no_programs
	done
	"$programs/run_many" -k "$runs" "$at_once" any mcexec "$os" "$programs/victim" hello
	expect_no_programs
	"$programs/run_many" -k "$runs" "$at_once" any mcexec "$os" /bin/cat /etc/passwd
	expect_no_programs
done

say "it still serves"
expect_eq "what it says" hello "$(mcexec "$os" "$programs/victim" hello)"
expect_no_programs
programs_down
test_end

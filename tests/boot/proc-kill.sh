#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Programs are killed in every state: neither kernel keeps anything of them.
#
#   proc-kill.sh [RUNS]	of the random kills, each
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

runs=${1:-40}

# Which thread's twin asks for requests; from abi/mcctrl_ioctl.h.
wait_syscall='^16 0x[0-9a-f]+ 0x[0-9a-f]+4d03 '
clone3=435

# twins_wait N: so many threads of the victim's proxy do.
twins_wait() {
	[ "$(grep -Els "$wait_syscall" "/proc/$victim"/task/*/syscall | wc -l)" -eq "$1" ]
}

mark_is() {
	[ "$(head -c 1 "$scratch/mark")" = "$1" ]
}

# The new thread's twin has nothing to do, or its creator has gone on.
is_decided() {
	twins_wait 1 || mark_is 2
}

# A twin that is killed has its thread stop first, unless that waits for it: so it does not go on
# before the twin can.
thread_of_held_twin() {
	local tracer

	say "killed while its twin has made another, and has yet to ask for requests"
	head -c 4096 /dev/zero > "$scratch/mark"
	"$programs/hold_at" after "$clone3" 0 mcexec -c 0 "$os" "$programs/victim" thread \
		<> "$scratch/mark" > "$scratch/held" &
	tracer=$!
	until_true test -s "$scratch/held"
	victim=$(pgrep -P "$tracer")
	until_true is_decided
	# Its turn would come.
	mcexec -c 0 "$os" /bin/true
	mcexec -c 0 "$os" /bin/true
	mark_is 1 || fail "its thread goes on without it"
	kill -KILL "$victim"
	wait "$tracer" || true
	mark_is 1 || fail "its thread went on"
	expect_no_programs

	mcexec -c 0 "$os" "$programs/victim" thread <> "$scratch/mark" &
	victim=$!
	until_true mark_is 2
	kill -KILL "$victim"
	wait "$victim" || true
	expect_no_programs
}

# Is it past the call that it begins with?
computes() {
	[ "$(od -A n -t u8 -N 8 "$scratch/mark")" -gt 1 ]
}

# Does the victim's twin wait in mcctrl for an answer of the LWK's?
asks() {
	grep -qs ' request_' "/proc/$victim/stack"
}

# A frozen LWK cannot stop a thread, so the twin waits for it: before all else, as it would also wait
# for what Linux has lent, but later, when the locks have been marked.
thread_in_shared_memory() {
	local count

	say "killed while it computes in memory that others have, too"
	head -c 4096 /dev/zero > "$scratch/mark"
	mcexec "$os" "$programs/victim" share <> "$scratch/mark" &
	victim=$!
	until_true computes
	ihkosctl "$os" freeze
	kill -KILL "$victim"
	until_true asks
	expect_match "where it waits" ' robust_leave' "$(cat "/proc/$victim/stack")"
	ihkosctl "$os" thaw
	wait "$victim" || true
	count=$(cksum < "$scratch/mark")
	mcexec "$os" /bin/true
	expect_eq "what it has computed" "$count" "$(cksum < "$scratch/mark")"
	expect_no_programs
}

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

thread_of_held_twin
thread_in_shared_memory

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

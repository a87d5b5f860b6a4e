#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Programs that fork are killed, and so are their children while they are being made: neither
# kernel keeps anything of them.
#
#   proc-fork.sh [RUNS [MODE]]	of the random kills, each; forks; shares: with the same memory; files: descriptors
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

runs=${1:-40}
mode=${2:-forks}

# kill_child: whichever the victim has now, however far it is.
kill_child() {
	local child=

	read -r child _ < "/proc/$victim/task/$victim/children" || [ -n "$child" ] || return 0
	kill -KILL "$child" 2> /dev/null || true
}

test_begin
programs_up

say "children killed at any moment"
victim_start "$mode"
for _ in $(seq $((runs * 5))); do
	kill_child
done
kill -0 "$victim" || fail "the parent has ended"
kill -KILL "$victim"
victim_wait
expect_eq "the status of the parent" 137 "$status"
expect_no_programs

say "parents killed at any moment, by turns and eight at once"
for at_once in 1 8; do
	"$programs/run_many" -k "$runs" "$at_once" ready mcexec "$os" "$programs/victim" "$mode"
	expect_no_programs
done

say "it still serves"
expect_eq "what it says" hello "$(mcexec "$os" /bin/sh -c '(echo hello) | cat')"
expect_no_programs
programs_down
test_end

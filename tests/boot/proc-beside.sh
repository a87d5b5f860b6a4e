#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# proc-beside.sh N: N small programs, one after the other, while others compute, two on each CPU of
# the LWK: they get their share, and end.
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

# is_ready FILE: the program that writes there computes.
is_ready() {
	grep -qs ready "$1"
}

runs=${1:?}
test_begin
programs_up
spinning=()
for ((i = 0; i < 2 * (lwk_last - lwk_first + 1); i++)); do
	mcexec "$os" "$programs/victim" spin > "$scratch/spin$i" &
	spinning+=($!)
	until_true is_ready "$scratch/spin$i"
done
say "$runs programs beside ${#spinning[@]} that compute"
for ((i = 0; i < runs; i++)); do
	expect_eq "run $i" hello "$(mcexec "$os" "$programs/victim" hello)"
done
kill "${spinning[@]}"
for pid in "${spinning[@]}"; do
	status=0
	wait "$pid" || status=$?
	expect_eq "status of one that computed" 143 "$status"
done
expect_no_programs
programs_down
test_end

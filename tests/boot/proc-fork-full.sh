#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The end of memory that was not promised to the children of a large process: who writes too much is
# killed, a call of Linux's that does is EFAULT, and nobody else notices. Afterwards there is as much
# to be promised as before.
#
#   proc-fork-full.sh [debug]	on the debug build of the LWK
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

[ "${1-release}" != debug ] || image=$tree/build/lwk-debug/mckernel.img

room() {
	mcexec "$os" "$programs/victim" room
}

test_begin
programs_up
before=$(room)
mib=${before% MiB}
say "$before can be promised"
victim_start read
until_true in_call 0
uses=$(mcctrl_uses)
for share in 60 80; do
	expect_eq "children of a process with $share %" "signal 9, EFAULT, 0 pages wrong" \
		"$(mcexec "$os" "$programs/victim" spread $((mib * share / 100)))"
	expect_kmsg "$os" 'victim \([0-9]+\): signal 9,'
	until_true uses_at_most "$uses"
done
expect_eq "what another says" hello "$(mcexec "$os" "$programs/victim" hello)"
victim_ends_well
expect_no_programs
expect_eq "memory that can be promised afterwards" "$before" "$(room)"
expect_no_programs
programs_down
test_end

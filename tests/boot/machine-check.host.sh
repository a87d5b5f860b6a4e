#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Machine checks that QEMU's monitor makes: one in which an LWK CPU has no part leaves the LWK
# alone, every time; one of its own ends the LWK, and nothing else.
set -euo pipefail
# shellcheck source=tests/boot/host_lib.sh
. "$(dirname "$0")/host_lib.sh"

lwk_cpu=2
bank=4

# Bits of a bank's status: valid, uncorrected, enabled, action required.
valid=$((1 << 63))
uncorrected=$((1 << 61))
enabled=$((1 << 60))
action=$((1 << 55))
# Of MCG_STATUS: in progress; the interrupted code may go on.
may_go_on=5
broken=4

fail() {
	echo "FAIL machine-check: $*" >&2
	guest 'ihkosctl 0 kmsg' >&2 || true
	exit 1
}

# check STATUS MCG_STATUS: a machine check on the LWK's CPU.
check() {
	monitor "$(printf 'mce %d %d 0x%x 0x%x 0 0' "$lwk_cpu" "$bank" "$1" "$2")" > /dev/null
}

# checks N: until the LWK has logged so many; it goes on.
checks() {
	guest "until [ \$(ihkosctl 0 kmsg | grep -c 'machine check, MCG_STATUS') -eq $1 ]; do
			ihkosctl 0 status | grep -q RUNNING || exit 1
		done
		ihkosctl 0 status | grep -q RUNNING" || fail "the LWK does not go on after check $1"
}

guest "mcreboot -q -c $lwk_cpu-3 -m 128M@1" || fail "no LWK"
check $((valid | uncorrected)) $may_go_on
checks 1
check $((valid | uncorrected | enabled)) $may_go_on
checks 2
[ "$(guest 'mcexec -c 0 echo there')" = there ] || fail "no program runs afterwards"

check $((valid | uncorrected | enabled | action)) $may_go_on
guest 'ihkosctl 0 wait PANIC' || fail "the LWK goes on"
guest 'ihkosctl 0 status' | grep -q 'trap: machine check' || fail "it does not say why"
guest 'mcstop -q -k; mcreboot -q' "-c $lwk_cpu-3 -m 128M@1" || fail "no LWK after that"
check $((valid | uncorrected | enabled)) $broken
guest 'ihkosctl 0 wait PANIC' || fail "the LWK goes on where it cannot"
guest mcstop -q -k

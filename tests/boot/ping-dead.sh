#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# An LWK dies or stops under a long run of pings: the pings end with an error, and shutdown
# does not wait for them.
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

# ping_long MODE: in the background; returns when they run.
ping_long() {
	local before

	before=$(served)
	ihkosctl "$os" ping --mode "$1" --count 10000000 --timeout 100000000 \
		> "$scratch/ping" 2>&1 &
	pinger=$!
	until [ "$(served)" -gt $((before + 20)) ]; do
		kill -0 "$pinger" || fail "the pings ended: $(cat "$scratch/ping")"
	done
}

# Interrupts that the first LWK CPU took.
served() {
	ihkosctl "$os" monitor --json | json_number irqs | head -n 1
}

expect_pings_end() {
	local status=0

	wait "$pinger" || status=$?
	say "the pings ended with status $status: $(cat "$scratch/ping")"
	expect_eq "status of the pings" 1 "$status"
}

test_begin hang_timeout_s=2
os_up "$lwk_cpus"
for mode in irq work; do
	say "$mode: panic"
	ping_long "$mode"
	ihkosctl "$os" test panic --no-wait
	os_wait "$os" PANIC
	expect_pings_end
	ihkosctl "$os" shutdown
	ihkosctl "$os" boot

	say "$mode: hang"
	ping_long "$mode"
	ihkosctl "$os" test hang --no-wait
	os_wait "$os" HUNGUP
	timeout "$WAIT_S" ihkosctl "$os" shutdown || fail "shutdown waits for the pings"
	expect_pings_end
	ihkosctl "$os" boot

	say "$mode: shutdown"
	ping_long "$mode"
	timeout "$WAIT_S" ihkosctl "$os" shutdown || fail "shutdown waits for the pings"
	expect_pings_end
	ihkosctl "$os" boot
done
ping_all "$os"
os_down "$os"
release_all
test_end

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Who waits uses no CPU on either kernel, and large transfers do not fault page by page.
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

# How long to look, by Linux's clock, and what may happen meanwhile. A timer tick of 100 Hz or a
# poll would be far beyond it.
LOOK_S=3
MAX_TURNS=20
MAX_TICKS=1

all_idle() {
	! ihkosctl "$os" monitor | awk 'NR > 1 { print $2 }' | grep -qv idle
}

turns() {
	ihkosctl "$os" monitor --json | json_number counter | sum
}

# ticks PID: of CPU time, all threads.
ticks() {
	sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'
}

# faults PID: minor and major ones, all threads.
faults() {
	sed 's/.*) //' "/proc/$1/stat" | awk '{ print $8 + $10 }'
}

uptime_s() {
	cut -d . -f 1 /proc/uptime
}

# expect_idle PID WHAT: the LWK's CPUs and this proxy do nothing.
expect_idle() {
	local before cpu_before end now cpu_now

	until_true all_idle
	before=$(turns)
	cpu_before=$(ticks "$1")
	end=$(($(uptime_s) + LOOK_S))
	while [ "$(uptime_s)" -lt "$end" ]; do
		all_idle || fail "a CPU is busy during $2: $(ihkosctl "$os" monitor)"
	done
	now=$(turns)
	cpu_now=$(ticks "$1")
	say "$2: $((now - before)) turns of the LWK's CPUs, $((cpu_now - cpu_before)) ticks"
	[ $((now - before)) -le "$MAX_TURNS" ] || fail "the LWK's CPUs wake up during $2"
	[ $((cpu_now - cpu_before)) -le "$MAX_TICKS" ] || fail "the proxy computes during $2"
}

waits_idle() {
	victim_start read
	until_true in_call 0
	expect_idle "$victim" "a read on Linux"
	victim_ends_well

	victim_start sleep
	# Its twin waits for a request: ioctl(2).
	until_true in_call 16
	expect_idle "$victim" "a sleep on the LWK"
	kill "$victim"
	victim_wait
	expect_eq "status of the sleeper" 143 "$status"
	expect_no_programs
}

# transfers MIB: 4 KiB pages, at most a 64th of them as faults.
transfers() {
	local before after pages=$(($1 * 256))

	victim_start transfer "$1"
	before=$(faults "$victim")
	echo >&8
	read -r -u 9 -t "$WAIT_S" word || fail "no end of the transfer"
	after=$(faults "$victim")
	exec 8>&-
	victim_wait
	expect_eq "status of the transfer" 0 "$status"
	say "$1 MiB: $((after - before)) faults of $pages pages"
	[ $((after - before)) -le $((pages / 64)) ] || fail "too many faults"
	[ "$after" -gt "$before" ] || fail "no faults at all: what was counted?"
	expect_no_programs
}

test_begin
programs_up "$lwk_cpus" "128M@$lwk_node"
waits_idle
transfers 64
programs_down
test_end

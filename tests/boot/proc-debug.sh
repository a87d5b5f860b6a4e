#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A debugger on Linux at the proxy of a program: it sees the proxy, and the program goes on when it
# lets go, is killed, or ends when it kills the program.
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

# is_traced WORD: the proxy's tracer is (yes) or is not (no) there.
is_traced() {
	local tracer now=yes

	tracer=$(sed -n 's/^TracerPid:\t//p' "/proc/$victim/status")
	[ "$tracer" -ne 0 ] || now=no
	[ "$1" = "$now" ]
}

# Anything that grows while the program goes on: calls that it has made, time that it has computed.
progress() {
	cat "/proc/mcos$os/$victim/stat" "/proc/mcos$os/$victim/syscalls"
}

progresses() {
	[ "$(progress)" != "$1" ]
}

expect_progress() {
	until_true progresses "$(progress)"
}

# gdb stops all twins, and lets them go. Without symbols: it reads those of the program for minutes.
under_gdb() {
	local out

	out=$(gdb -nx -batch -iex 'set auto-solib-add off' -p "$victim" -ex "x/i \$pc" \
		-ex detach 2>&1)
	expect_match "what gdb says" '=> 0x[0-9a-f]*' "$out"
	expect_match "the end of gdb" "Inferior 1 \(process $victim\) detached" "$out"
	until_true is_traced no
}

# under_strace SIGNAL: that strace ends by.
under_strace() {
	strace -f -q -o "$scratch/strace" -p "$victim" &
	tracer=$!
	until_true is_traced yes
	[ "$mode" != calls ] || until_true grep -q 'getppid() *= ' "$scratch/strace"
	kill "-$1" "$tracer"
	wait "$tracer" || true
	until_true is_traced no
}

test_begin
programs_up
for mode in spin calls; do
	say "a program that does $mode"
	victim_start "$mode"
	expect_progress
	under_gdb
	expect_progress
	under_strace INT
	expect_progress
	under_strace KILL
	expect_progress
	kill -KILL "$victim"
	victim_wait
	expect_eq "the status of $mode" 137 "$status"
	expect_no_programs
done

say "started by a debugger"
expect_eq "what it says" hello \
	"$(strace -f -o "$scratch/strace" mcexec "$os" "$programs/victim" hello)"
expect_match "its calls" 'write\(1, "hello' "$(cat "$scratch/strace")"
expect_match "its end" 'Inferior 1 \(process [0-9]*\) exited with code 03' \
	"$(gdb -nx -batch -iex 'set auto-solib-add off' -ex run \
		--args mcexec "$os" "$programs/victim" exit 3 2>&1)"
expect_no_programs

say "killed by its debugger"
victim_start spin
gdb -nx -batch -iex 'set auto-solib-add off' -p "$victim" -ex kill > "$scratch/gdb" 2>&1
victim_wait
expect_eq "its status" 137 "$status"
expect_no_programs
programs_down
test_end

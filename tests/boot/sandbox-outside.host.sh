#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What sandbox/vm promises to scripts outside: exit status, both outputs, input,
# time-out with all that it started gone, commands side by side, large output whole.

set -euo pipefail

fail() {
	echo "FAIL: $*" >&2
	exit 1
}

# vm_exec [OPTION...] COMMAND...
vm_exec() {
	"$VM" exec --name "$VM_NAME" "$@"
}

# status_of COMMAND...: print its exit status.
status_of() {
	local status=0

	"$@" > /dev/null 2>&1 || status=$?
	echo $status
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

[ "$(status_of vm_exec sh -c 'exit 42')" = 42 ] || fail "status 42"
[ "$(status_of vm_exec sh -c 'kill -9 $$')" = 137 ] || fail "death by signal"
[ "$(status_of vm_exec /does/not/exist)" = 127 ] || fail "no such command"

vm_exec sh -c 'echo out; echo err >&2' > "$scratch/out" 2> "$scratch/err"
[ "$(cat "$scratch/out")" = out ] || fail "stdout: $(cat "$scratch/out")"
[ "$(cat "$scratch/err")" = err ] || fail "stderr: $(cat "$scratch/err")"

# Every byte value, and more than any buffer on the way holds.
head -c 3000000 /dev/urandom > "$scratch/random"
vm_exec cat < "$scratch/random" | cmp - "$scratch/random" || fail "bytes changed"

status=$(status_of vm_exec --timeout 1 sh -c 'timeout 1000 sleep 999 & wait')
[ "$status" = 124 ] || fail "status $status after the time-out"
# All have been killed, which those that nobody waits for may not have noticed yet.
vm_exec sh -c 'while pgrep -f "[s]leep 999"; do :; done' > /dev/null

# Each waits for the other: they can only end side by side.
vm_exec sh -c 'mkfifo /tmp/a /tmp/b; echo made'
vm_exec sh -c 'echo 1 > /tmp/a; cat /tmp/b' > "$scratch/1" &
vm_exec sh -c 'cat /tmp/a; echo 2 > /tmp/b' > "$scratch/2"
wait $!
[ "$(cat "$scratch/1" "$scratch/2")" = $'2\n1' ] || fail "not side by side"
vm_exec rm /tmp/a /tmp/b

# A killed driver takes its command along and leaves the port usable.
mkfifo "$scratch/up"
"$VM" exec --name "$VM_NAME" sh -c 'echo up; exec sleep 998' > "$scratch/up" &
driver=$!
read -r line < "$scratch/up"
[ "$line" = up ] || fail "it said '$line'"
kill -9 $driver
wait $driver || true
vm_exec sh -c 'while pgrep -f "[s]leep 998"; do :; done' > /dev/null

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Tools are killed in the middle of what they do: whatever the module had begun
# is either done or undone, the next command works, and nothing is lost.
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

# kill_at DELAY COMMAND...: start it, kill it after some steps of busy work. The delay
# only spreads the kills over the command's run; any point is a good one.
kill_at() {
	local delay=$1 pid n=0

	shift
	"$@" > "$scratch/killed" 2>&1 &
	pid=$!
	while [ "$n" -lt "$delay" ]; do
		n=$((n + 1))
	done
	kill -KILL "$pid" 2> /dev/null || true
	wait "$pid" 2> /dev/null || true
}

test_begin
delays='0 120 400 1200 2400 4000 8000'

say "reserve"
for delay in $delays; do
	kill_at "$delay" ihkconfig 0 reserve cpu "$lwk_cpus"
	kill_at "$delay" ihkconfig 0 reserve mem "$OS_MEM@$lwk_node"
	release_all
	expect_nothing_reserved
done

say "boot and shutdown"
os_new "$lwk_cpus"
for delay in $delays; do
	kill_at "$delay" ihkosctl "$os" boot
	# Killed before it could ask: then the status still is INACTIVE.
	os_wait "$os" RUNNING,INACTIVE
	[ "$(os_status "$os")" = RUNNING ] || ihkosctl "$os" boot
	ping_all "$os" 3
	kill_at "$delay" ihkosctl "$os" shutdown
	os_wait "$os" RUNNING,INACTIVE
	[ "$(os_status "$os")" = INACTIVE ] || ihkosctl "$os" shutdown
done

say "ping, watchers"
ihkosctl "$os" boot
for delay in $delays; do
	kill_at "$delay" ihkosctl "$os" ping --count 1000000
	kill_at "$delay" ihkosctl "$os" ping --mode work --count 1000000
	kill_at "$delay" ihkosctl "$os" kmsg --follow
	kill_at "$delay" ihkosctl "$os" wait PANIC
	ping_all "$os" 3
done

say "the last open file is closed, and the LWK runs on"
expect_status "$os" RUNNING
os_down "$os"
release_all
expect_nothing_reserved
test_end

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Linux sends interrupts to every CPU that is not itself: the LWK takes those that reach
# it, counts them as stray, and is not disturbed. It has one CPU alone, since Linux
# broadcasts only when it has more than one other CPU to reach.
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

# counter NAME: sum over the LWK's CPUs.
counter() {
	ihkosctl "$os" monitor --json | json_number "$1" | sum
}

test_begin
os_up "$lwk_last"
stray=$(counter stray_irqs)

say "calls to all CPUs: static keys and caches"
for n in $(seq 20); do
	echo $((n % 2)) > /proc/sys/kernel/sched_schedstats
	echo 3 > /proc/sys/vm/drop_caches
done
echo 0 > /proc/sys/kernel/sched_schedstats
ping_all "$os"
stray=$(($(counter stray_irqs) - stray))
say "$stray of Linux's interrupts reached the LWK"
[ "$stray" -gt 0 ] || fail "Linux did not broadcast: nothing was shown"

say "back-traces of all CPUs, by NMI"
echo l > /proc/sysrq-trigger
ping_all "$os"
expect_log 'Show backtrace of all active CPUs'
# The back-traces themselves look like trouble, so the mark moves behind them.
log_mark
expect_status "$os" RUNNING
expect_no_match "the LWK's log" '^<[0-3]>' "$(ihkosctl "$os" kmsg)"

say "modules come and go, memory moves"
insmod "$modules/memscan.ko" range=0,4096 triple=3
rmmod memscan
echo 1 > /proc/sys/vm/compact_memory
ping_all "$os" 50
os_down "$os"
release_all
test_end

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The LWK does something fatal: Linux notices, says why, goes on unharmed, and the
# partition can be booted again or given back.
#
#   contain.sh WORD	one of those in the case list below; `ihkosctl test --help` explains
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

word=$1
# What must come: status, reason as an extended regular expression, dump in the log.
dump='trap: rip [0-9a-f]{16}.*|trace: #0 '
case $word in
panic)		status=PANIC reason='panic\(\) was asked for' dump='trace: #1 ' ;;
hang)		status=HUNGUP reason='makes no progress' dump= ;;
spin)		status=HUNGUP reason='progress|hang' dump= ;;
stack-overflow)	status=PANIC reason='kernel stack overflow' ;;
corrupt-rings)	status=PANIC reason='ring|channel' dump= ;;
null)		status=PANIC reason='page fault' ;;
write-text)	status=PANIC reason='page fault' ;;
exec-data)	status=PANIC reason='page fault' ;;
foreign)	status=PANIC reason='page fault' ;;
*)		fail "no case '$word'" ;;
esac

# On the last CPU and, once more, on the first, which the host talks to.
contain_on() {
	local cpu=$1

	say "$word on CPU $cpu"
	# The watcher sleeps: nobody looks at the instance while it dies.
	ihkosctl "$os" wait "$status" --timeout "$WAIT_S" &
	watcher=$!
	ihkosctl "$os" test "$word" --cpu "$cpu" --no-wait
	wait "$watcher" || fail "$status did not come, but $(os_status "$os")"
	expect_status "$os" "$status"
	expect_match "the reason" "$reason" "$(os_reason "$os")"
	expect_log "$(os_reason "$os" | head -c 40 | sed 's/[][().*+?^$\\|{}]/./g')"
	expect_log_clean
	ihkosctl "$os" kmsg | tail -n 30
	[ -z "$dump" ] || expect_kmsg "$os" "$dump"
}

test_begin hang_timeout_s=2
os_up "$lwk_cpus"
ncpus=$(os_ncpus "$os")
contain_on $((ncpus - 1))

say "dead instances refuse what needs a live one"
refuse "$status|not running" ihkosctl "$os" ping --cpu 0
refuse "$status" ihkosctl "$os" boot
refuse "$status" ihkconfig 0 destroy "$os"

say "boot again, the same on CPU 0, boot again, give back"
ihkosctl "$os" shutdown
ihkosctl "$os" boot
ping_all "$os"
contain_on 0
reboot_and_give_back "$os"
test_end

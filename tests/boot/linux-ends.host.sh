#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The machine ends while an LWK runs, and its LWK's CPUs are stopped first; seen from outside.
#
#   linux-ends.host.sh reboot | poweroff | panic | triple-fault
#
# triple-fault shows the limit of containment: an LWK CPU that triple-faults makes the
# chipset reset the whole machine (docs/boot.md), which QEMU does too.
set -euo pipefail

action=$1
case $action in
reboot) command='busybox reboot -f' last='reboot: Restarting system' ;;
poweroff) command='busybox poweroff -f' last='reboot: Power down' ;;
panic) command='echo c > /proc/sysrq-trigger' last='Kernel panic - not syncing: sysrq' ;;
triple-fault) command='ihkosctl 0 test triple-fault --no-wait' last= ;;
*) echo "FAIL: no action '$action'" >&2; exit 1 ;;
esac
stopped='ihk: Linux goes down: INIT was sent to 2 LWK CPUs'

fail() {
	echo "FAIL linux-ends $action: $*" >&2
	tail -n 40 <<< "$log" >&2
	exit 1
}

# line_of TEXT: number of its line in the log, or nothing.
line_of() {
	grep -n -m 1 -F -- "$1" <<< "$log" | cut -d: -f1
}

"$VM" exec --name "$VM_NAME" bash -c '
	. /mckernel/tests/boot/lib.sh
	ihk_load
	os_up "$lwk_cpus"
	ping_all "$os"
	echo "test: the LWK is up" > /dev/kmsg'

# Is QEMU there?
runs() {
	"$VM" list | grep "^$VM_NAME	" > /dev/null
}

# The sleep never ends: the machine does. 125 is what vm says then, as QEMU closes what it
# has, before its own end.
status=0
"$VM" exec --name "$VM_NAME" --timeout 100 bash -c "$command; exec sleep infinity" || status=$?
while [ "$status" -eq 125 ] && runs; do
	continue
done
log=$("$VM" log --name "$VM_NAME" | tr -d '\r' | sed -n '/test: the LWK is up/,$p')
[ "$status" -eq 125 ] || fail "status $status: the machine did not end"

if [ "$action" = triple-fault ]; then
	[ -z "$(line_of "$stopped")" ] || fail "Linux had time to say good-bye"
	echo "the machine was reset"
	exit 0
fi
[ -n "$(line_of "$stopped")" ] || fail "no '$stopped'"
[ -n "$(line_of "$last")" ] || fail "no '$last'"
if [ "$action" != panic ]; then
	[ "$(line_of "$stopped")" -lt "$(line_of "$last")" ] || fail "the LWK was stopped too late"
fi
# One panic is what was asked for; nothing may follow from it.
trouble=$(grep -Ec 'Kernel panic - not syncing:|BUG:|WARNING:|double fault' <<< "$log" || true)
[ "$trouble" -le "$([ "$action" = panic ] && echo 2 || echo 0)" ] || fail "Linux complains"

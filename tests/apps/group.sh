#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs the rows on standard input inside the sandbox: boots an LWK, has
# apps_runner run them, looks for leaks, gives everything back. tests/run starts
# it, once for each group of rows; `group.sh --rehearse` boots no LWK.
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/../boot/lib.sh"

apps_mem=512M@$lwk_node,128M@0
dir=/var/tmp/apps
# Exit statuses of apps_runner.
LWK_TROUBLE=3

# Programs from a disk of the guest's own: the shared tree cannot be mapped writable,
# and is slow. The programs that an earlier group copied are there; files may have been changed by
# its rows.
prepare_disk() {
	mkdir -p "$dir"
	find "$dir" -mindepth 1 -maxdepth 1 ! -name bin -exec rm -rf {} +
	copy_new "$dir/bin" "$tree/build/tests/apps/." "$programs/apps_exec"
	cp -a -T "$tree/tests/apps/files" "$dir/files"
}

lwk_boot() {
	mcreboot -q -c "$lwk_cpus" -m "$apps_mem" -e test_hooks -o nobody:nogroup
	# What is allocated once on each CPU, and kept, is no leak.
	mcexec -c 0 true
	mcexec -c 1 true
	until_true no_proxies
	lwk_objects 0 > /dev/null
	live_before=$(lwk_objects 0)
}

# Fewer than before is well: what the first program left may have gone since. The look has
# a channel of its own, whose objects lie where the CPU has some left over: after programs have
# moved between CPUs that may be on other pages than those of the objects that live on.
lwk_stop() {
	local live

	# Who waited for the last program was told before the LWK was.
	until_true no_proxies
	live=$(lwk_objects 0)
	say "live objects and pages: $live_before before, $live after"
	[ "${live% *}" -le "${live_before% *}" ] &&
		[ "${live#* }" -le $((${live_before#* } + LWK_PAGES_SLACK)) ] ||
		fail "the LWK keeps more than before"
	mcstop -q
}

# run_rows: all of them, on as many LWKs as that takes. Fails if one did not stay well.
run_rows() {
	local status=0 failed=0

	while :; do
		"$programs/apps_runner" || status=$?
		[ "$status" -eq "$LWK_TROUBLE" ] || break
		status=0
		failed=1
		say "the LWK is booted anew"
		mcstop -q
		lwk_boot
	done
	[ "$status" -eq 0 ] || fail "apps_runner: exit status $status"
	[ "$failed" -eq 0 ] || fail "the LWK had to be booted anew"
}

prepare_disk
# Programs that are to fault are no reason to complain.
echo 0 > /proc/sys/debug/exception-trace
if [ "${1-}" = --rehearse ]; then
	exec "$programs/apps_runner" --rehearse
fi

# Some hundred programs leave more of Linux's own behind than a boot does; the smallest piece
# that could be lost is 4 MiB.
MEM_DRIFT_KIB=3000

trap test_exit EXIT
trap 'failed_at=$BASH_SOURCE:$LINENO' ERR
export MCK_IMAGE=$image
log_mark
linux_snapshot
lwk_boot
run_rows
lwk_stop
leak_check
test_passed=yes

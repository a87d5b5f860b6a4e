#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Administration is root's. The group that the module is told may read states, lists and
# logs; others may not even open the devices.
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

group=777

# as_user GID COMMAND...
as_user() {
	local gid=$1

	shift
	setpriv --reuid 1000 --regid "$gid" --clear-groups "$@"
}

may_read() {
	as_user "$1" ihkosctl "$os" status > "$scratch/out"
	as_user "$1" ihkosctl "$os" query cpu > "$scratch/out"
	as_user "$1" ihkosctl "$os" get ikc_map > "$scratch/out"
	as_user "$1" ihkosctl "$os" kmsg > "$scratch/out"
	as_user "$1" ihkosctl "$os" query_free_mem > "$scratch/out"
	as_user "$1" ihkconfig 0 query cpu --all > "$scratch/out"
	as_user "$1" ihkosctl "$os" wait RUNNING --timeout 5
	# Physical addresses are no business of theirs.
	expect_eq "addresses that the group sees" 0 "$(as_user "$1" ihkosctl "$os" query mem --json |
		json_number start | sort -u)"
}

may_not_change() {
	local pattern='dministrator|ermission|not permitted|root'

	refuse "$pattern" as_user "$1" ihkconfig 0 reserve cpu 1
	refuse "$pattern" as_user "$1" ihkconfig 0 reserve mem 16M@0
	refuse "$pattern" as_user "$1" ihkconfig 0 release cpu "$lwk_last"
	refuse "$pattern" as_user "$1" ihkconfig 0 create
	refuse "$pattern" as_user "$1" ihkconfig 0 destroy "$os"
	refuse "$pattern" as_user "$1" ihkosctl "$os" shutdown
	refuse "$pattern" as_user "$1" ihkosctl "$os" freeze
	refuse "$pattern" as_user "$1" ihkosctl "$os" kargs x
	refuse "$pattern" as_user "$1" ihkosctl "$os" load "$image"
	refuse "$pattern" as_user "$1" ihkosctl "$os" clear_kmsg
	refuse "$pattern" as_user "$1" ihkosctl "$os" ping
	refuse "$pattern" as_user "$1" ihkosctl "$os" test panic
	refuse "$pattern" as_user "$1" ihkosctl "$os" release mem all
	expect_status "$os" RUNNING
}

test_begin gid=$group
os_up "$lwk_cpus"
say "the group"
may_read "$group"
may_not_change "$group"
as_user "$group" "$programs/bad_ioctl" "$os" denied > "$scratch/raw" || {
	cat "$scratch/raw"
	fail "raw requests by the group"
}

say "others"
refuse 'ermission' as_user 1000 ihkosctl "$os" status
refuse 'ermission' as_user 1000 ihkosctl "$os" kmsg
refuse 'ermission' as_user 1000 ihkconfig 0 query cpu
may_not_change 1000
os_down "$os"
release_all
rmmod ihk
leak_check

say "without a group there is none"
ihk_load
expect_eq "mode of the device" "600 0 0" "$(stat -c '%a %u %g' /dev/mcd0)"
test_end

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs rows of selftests.table inside the sandbox, each on Linux, then on the LWK. What they print,
# and a last line of how they ended, is left for `compare` in build/selftests/linux/NAME and
# build/selftests/lwk/NAME.
#
#   run.sh [PATTERN...]	rows whose name matches, else all
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/../boot/lib.sh"

here=$tree/tests/selftests
out=$tree/build/selftests
mem=512M@$lwk_node,128M@0
# On a disk of the guest's own: the shared tree cannot be mapped writable, and is slow.
disk=/var/tmp/selftests

lwk_boot() {
	mcreboot -q -c "$lwk_cpus" -m "$mem"
}

lwk_is_well() {
	timeout -s KILL "$WAIT_S" mcexec true
}

# run_on KERNEL NAME SECONDS FOLDER COMMAND: each has the folder anew, and mounts of its own. What
# is left behind goes on printing at the end of the file, not over what is there.
run_on() {
	local kernel=$1 name=$2 seconds=$3 folder=$4 command=$5 status=0 RUN=

	if [ "$kernel" = lwk ]; then
		RUN=mcexec
	fi
	rm -rf "$disk"
	mkdir -p "$disk" "$out/$kernel"
	cp -a -T "$out/programs/$folder" "$disk/folder"
	: > "$disk/output"
	(
		cd "$disk/folder"
		export RUN
		exec unshare -m timeout -s KILL "$seconds" sh -c "$command"
	) < /dev/null >> "$disk/output" 2>&1 || status=$?
	echo >> "$disk/output"
	echo "exit status $status" >> "$disk/output"
	cp "$disk/output" "$out/$kernel/$name"
}

is_chosen() {
	local pattern

	[ ${#patterns[@]} -eq 0 ] && return
	for pattern in "${patterns[@]}"; do
		# shellcheck disable=SC2053
		[[ $1 == $pattern ]] && return
	done
	return 1
}

run_row() {
	is_chosen "$1" || return 0
	say "$1"
	rm -f "$out/linux/$1" "$out/lwk/$1"
	run_on linux "$@"
	run_on lwk "$@"
	lwk_is_well || {
		echo "the LWK is not well: $(ihkosctl 0 kmsg | tail -n 3)" >> "$out/lwk/$1"
		say "the LWK is booted anew"
		mcstop -q || true
		lwk_boot
	}
}

patterns=("$@")
echo 0 > /proc/sys/debug/exception-trace
lwk_boot
while IFS='|' read -r name seconds folder command <&3; do
	run_row "${name// /}" "${seconds// /}" "${folder// /}" "$command"
done 3< <(grep -v -e '^#' -e '^$' "$here/selftests.table")
mcstop -q

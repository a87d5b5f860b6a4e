#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Memory of the LWK that Linux goes on using, here in a pipe, outlives the program that it was of, the LWK,
# and the partition; nobody else gets it until the pipe is read, and then it is free again.
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

pages=8
kib=$((4 * pages))

# pinned_kib: as the LWK counts it.
pinned_kib() {
	awk '/MemPinned/ { sum += $4 } END { print sum }' \
		"/sys/devices/virtual/ihk/mcos$os/sys/devices/system/node/"node*/meminfo
}

pinned_is() {
	[ "$(pinned_kib)" -eq "$1" ]
}

# The shell holds the pipe; the program ends at once.
give() {
	mcexec "$os" "$programs/pin_pipe" give "$scratch/pipe" "$pages"
	until_true no_proxies
	expect_eq "what Linux uses after a program, KiB" "$kib" "$(pinned_kib)"
}

# Most of what the LWK has, so that a page which is free is used.
fill() {
	local free

	free=$(awk '/MemFree/ { sum += $4 } END { print sum }' \
		"/sys/devices/virtual/ihk/mcos$os/sys/devices/system/node/"node*/meminfo)
	mcexec "$os" "$programs/pin_pipe" fill $((free * 9 / 10 / 1024))
}

expect_pipe() {
	expect_eq "what comes out of the pipe $1" abcdefgh \
		"$(head -c $((pages * 4096)) <&7 | tr -s a-zX)"
}

outlives_program() {
	local now

	give
	now=$(lwk_objects "$os")
	[ "${now#* }" -ge $((${lwk_before#* } + pages)) ] ||
		fail "${now#* } pages are in use with $pages pinned, ${lwk_before#* } without"
	fill
	expect_pipe "after the program's end"
	until_true pinned_is 0
	expect_no_programs
}

outlives_lwk() {
	local before after

	give
	before=$(os_mem "$os")
	ihkosctl "$os" shutdown
	ihkosctl "$os" boot
	expect_log "$pages pages that Linux still uses, or are broken, go back to it"
	after=$(os_mem "$os")
	say "memory of the instance: $before before, $after after"
	[ "$after" -le $((before - 1024 * kib)) ] && [ "$after" -ge $((before - (pages + 1) * 2097152)) ] ||
		fail "the pages are not gone, or too much is"
	mcexec "$os" /bin/true
	expect_eq "what Linux uses of the new LWK, KiB" 0 "$(pinned_kib)"
	fill
	expect_pipe "after the LWK's end"
}

outlives_partition() {
	give
	programs_down
	expect_pipe "after the partition's end"
}

test_begin
programs_up
mkfifo "$scratch/pipe"
exec 7<> "$scratch/pipe"
outlives_program
outlives_lwk
outlives_partition
exec 7>&-
test_end

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Writes and reads of a GiB in one call, from and to memory of the LWK: all of it arrives, and
# Linux does not fault page by page.
#
#   proc-large.sh [MIB]	1024 unless it is told
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

mib=${1:-1024}
pages=$((mib * 256))

# faults PID: minor and major ones, all threads.
faults() {
	sed 's/.*) //' "/proc/$1/stat" | awk '{ print $8 + $10 }'
}

ready() {
	read -r -u 9 -t "$WAIT_S" word || fail "no end of $1"
	expect_eq "the word after $1" ready "$word"
}

# transfer WHAT: at most a 64th of the pages as faults.
transfer() {
	local before after

	before=$(faults "$program")
	echo >&8
	ready "$1"
	after=$(faults "$program")
	say "$1 of $mib MiB: $((after - before)) faults for $pages pages"
	[ $((after - before)) -le $((pages / 64)) ] || fail "too many faults"
}

test_begin
# As much of each of the two last nodes, and some for the LWK and the program's tables.
half=$((mib / 2 + 96))M
programs_up "$lwk_cpus" "$half@$((lwk_node - 1)),$half@$lwk_node"
mkdir "$scratch/mnt"
mount -t tmpfs -o "size=$((mib + 16))M" none "$scratch/mnt"
mkfifo "$scratch/in" "$scratch/out"
mcexec "$os" "$programs/large_transfer" "$scratch/mnt/file" "$mib" \
	< "$scratch/in" > "$scratch/out" &
program=$!
exec 8> "$scratch/in" 9< "$scratch/out"
ready "the beginning"
start=$(faults "$program")
transfer "a write"
expect_eq "size of the file" $((mib << 20)) "$(stat -c %s "$scratch/mnt/file")"
transfer "a read"
[ "$(faults "$program")" -gt "$start" ] || fail "no faults at all: what was counted?"
echo >&8
read -r -u 9 -t "$WAIT_S" word || fail "no word of the content"
expect_eq "the content" right "$word"
wait "$program" || fail "the program ended with status $?"
exec 8>&- 9<&-
umount "$scratch/mnt"
expect_no_programs
programs_down
test_end

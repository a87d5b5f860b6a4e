#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Hostile users: damaged executables, random system calls on the LWK, also such as make and end
# tasks, proxies that are none of ours. Both kernels live on, lose nothing, and Linux has
# nothing to complain about.
#
#   proc-fuzz.sh elf|calls|forks|proxy COUNT SEED...
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

kind=$1
count=$2
shift 2

# as_nobody COMMAND...: in a directory, and with objects of System V, that vanish with it. The words
# of nobody_too are for unshare(1).
nobody_too=()
as_nobody() {
	rm -rf "$scratch/nobody"
	install -d -o 65534 -g 65534 -m 700 "$scratch/nobody"
	(
		cd "$scratch/nobody"
		unshare --ipc "${nobody_too[@]}" setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
	)
}

fuzz_elf() {
	local file

	for file in "$programs/victim" /bin/true "$(realpath /lib64/ld-linux-x86-64.so.2)"; do
		as_nobody "$programs/elf_fuzz" "$1" "$count" "$file" mcexec "$os"
		expect_no_programs
	done
}

# What becomes of the program is its own affair. fuzz_calls SEED [WORD]
fuzz_calls() {
	local n status

	for n in $(seq "$count"); do
		status=0
		as_nobody timeout --signal=KILL 20 mcexec "$os" "$programs/call_fuzz" \
			$(($1 * 1000 + n)) 1000 "${@:2}" > /dev/null 2>&1 < /dev/null || status=$?
		printf '%s ' "$status"
	done
	echo
	expect_no_programs
}

# Processes that nobody ends, being stopped, end with their namespace.
fuzz_forks() {
	nobody_too=(--pid --fork --kill-child)
	fuzz_calls "$1" forks
}

fuzz_proxy() {
	as_nobody "$programs/proxy_fuzz" "$1" "$count" "/dev/mcos$os"
	expect_no_programs
	"$programs/proxy_fuzz" "$1" "$count" "/dev/mcos$os"
	expect_no_programs
}

test_begin
programs_up
chmod 755 "$scratch"
chmod 666 "/dev/mcos$os"
for seed in "$@"; do
	say "seed $seed"
	"fuzz_$kind" "$seed"
	ping_all "$os"
	expect_eq "what a program says" hello "$(mcexec "$os" "$programs/victim" hello)"
	expect_no_programs
done
programs_down
test_end

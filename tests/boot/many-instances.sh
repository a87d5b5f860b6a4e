#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Three LWKs at once, and as many instances as there may be.
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

max_os=64	# IHK_MAX_OS

test_begin
say "three LWKs"
ids=
for cpu in $(seq $((lwk_last - 2)) "$lwk_last"); do
	os_up "$cpu" "$OS_MEM@$(cpu_node "$cpu")"
	ids+="$os "
done
for os in $ids; do
	ping_all "$os"
done
# shellcheck disable=SC2086 # a list of numbers
os_down $ids
release_all

say "$max_os instances"
for n in $(seq 0 $((max_os - 1))); do
	expect_eq "number of the new instance" "$n" "$(ihkconfig 0 create)"
done
refuse '64|many|most' ihkconfig 0 create
say "a number that is free again is given again"
ihkconfig 0 destroy 17
expect_eq "number of the new instance" 17 "$(ihkconfig 0 create)"
for n in $(seq 0 $((max_os - 1))); do
	ihkconfig 0 destroy "$n"
done
test_end

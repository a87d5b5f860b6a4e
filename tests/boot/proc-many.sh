#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Many short runs, one after the other and 32 at once: all results are right, and neither kernel
# has lost anything.
#
#   proc-many.sh COUNT
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

count=${1:-1000}
at_once=32
warmup=20

many() {
	"$programs/run_many" "$@"
}

test_begin
programs_up
for variant in 0 1 2 3 4 5 6 7; do
	"$programs/victim" compute "$variant"
done > "$scratch/results"

say "static, dynamic"
many "$warmup" 1 hello mcexec "$os" "$programs/victim" hello
many "$warmup" 1 hello mcexec "$os" /bin/echo hello
expect_no_programs
settle_memory
missing=$(missing_kib)
many $((count / 2)) 1 hello mcexec "$os" "$programs/victim" hello
expect_no_programs
many $((count / 2)) 1 hello mcexec "$os" /bin/echo hello
expect_no_programs

say "$at_once at once"
many 64 "$at_once" "$scratch/results" mcexec "$os" "$programs/victim" compute %
expect_no_programs
many 64 "$at_once" hello mcexec "$os" /bin/echo hello
expect_no_programs

expect_memory_back "$missing"
programs_down
test_end

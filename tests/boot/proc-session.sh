#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# An interactive bash in a terminal, all of it on Linux, then on the LWK: jobs and keys at
# pipelines, traps, substitutions, a coprocess, line editing. Both show the same.
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

# session NAME [WORD...]: what it shows, in a file of that name.
session() {
	local name=$1

	shift
	mkdir "$scratch/$name.dir"
	(
		cd "$scratch/$name.dir" &&
			python3 -B "$tree/tests/guest/session.py" "$@"
	) > "$scratch/$name" || {
		tail -n 5 "$scratch/$name"
		fail "the session on $name"
	}
	rm -r "$scratch/$name.dir"
}

test_begin
programs_up
session linux
session lwk mcexec "$os"
diff "$scratch/linux" "$scratch/lwk" || fail "sessions differ"
say "$(wc -l < "$scratch/linux") lines are the same"
expect_no_programs
programs_down
test_end

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Job control and terminals: keys that interrupt and stop, foreground and background, window sizes, a
# shell on the LWK with jobs of its own, a terminal that hangs up. Linux does the same.
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

test_begin
programs_up
say "on Linux"
python3 -B "$tree/tests/guest/jobs.py"
say "on the LWK"
python3 -B "$tree/tests/guest/jobs.py" mcexec "$os"
expect_no_programs
programs_down
test_end

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The LWK's log: read, followed while it grows and over a reboot, cleared, and kept after
# the LWK has stopped.
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

# follow_until REGEX: sleep until the follower has printed such a line.
follow_until() {
	local line

	while IFS= read -r -t "$WAIT_S" -u "${follower[0]}" line; do
		if [[ $line =~ $1 ]]; then
			return
		fi
	done
	fail "the follower does not print /$1/"
}

test_begin
os_new "$lwk_cpus"
refuse 'boot|log' ihkosctl "$os" kmsg

coproc follower { exec stdbuf -oL ihkosctl "$os" kmsg --follow; }
# shellcheck disable=SC2154 # coproc sets it
pid=$follower_PID
ihkosctl "$os" boot
follow_until 'cpu0 '
say "lines that come while it follows"
ihkosctl "$os" test log-flood 3
follow_until 'line 3 of 3'
ihkosctl "$os" shutdown
ihkosctl "$os" boot
say "over a reboot"
ihkosctl "$os" test log-flood 5
follow_until 'line 5 of 5'
kill "$pid"
wait "$pid" || true

say "clear"
ihkosctl "$os" clear_kmsg
expect_eq "the log after clearing" "" "$(ihkosctl "$os" kmsg)"
ihkosctl "$os" test log-flood 2
log=$(ihkosctl "$os" kmsg)
expect_match "the log" 'line 2 of 2' "$log"
expect_no_match "the log" 'line 5 of 5|McKernel' "$log"
expect_eq "bytes lost" 0 "$(ihkosctl "$os" kmsg --json | json_number lost)"

say "after the end"
ihkosctl "$os" shutdown
expect_match "the log" 'line 2 of 2' "$(ihkosctl "$os" kmsg)"
os_down "$os"
release_all
test_end

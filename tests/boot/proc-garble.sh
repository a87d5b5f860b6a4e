#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A broken LWK sends mcctrl whatever it likes, about programs that run meanwhile. They may come to any
# end, and so may the LWK; Linux must neither be harmed nor lose anything.
#
#   proc-garble.sh PACKETS SEED...
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

packets=$1
shift
modes='revoke lend'

# Programs all the time, however they end, until the file is gone.
keep_running() {
	local mode=$1

	while [ -e "$scratch/go" ]; do
		mcexec "$os" "$programs/victim" "$mode" > "$scratch/$mode.out" 2>&1 &
		echo $! > "$scratch/$mode.pid"
		wait $! 2> "$scratch/wait" || true
		[ "$(os_status "$os")" = RUNNING ] || break
	done
}

has_begun() {
	grep -q ready "$scratch/$1.out" 2> "$scratch/grep"
}

# garble SEED: about each of the programs, from the first CPU and the last by turns.
garble() {
	local cpu=0 mode

	for mode in $modes; do
		ihkosctl "$os" test -c "$cpu" garble "$1" "$packets" \
			"$(cat "$scratch/$mode.pid")" || return 0
		cpu=$(($(os_ncpus "$os") - 1))
	done
}

test_begin hang_timeout_s=20
programs_up
for seed in "$@"; do
	say "seed $seed"
	touch "$scratch/go"
	loops=()
	for mode in $modes; do
		rm -f "$scratch/$mode.out"
		keep_running "$mode" &
		loops+=($!)
		until_true has_begun "$mode"
	done
	garble "$seed"
	rm "$scratch/go"
	say "the LWK is $(os_status "$os") $(os_reason "$os")"
	expect_log_clean
	# No answer that mcctrl waits for need come from an LWK like that.
	ihkosctl "$os" shutdown
	wait "${loops[@]}"
	until_true no_proxies
	expect_log_clean
	ihkosctl "$os" boot
	expect_eq "what the next one says" hello "$(mcexec "$os" "$programs/victim" hello)"
done
until_true no_proxies
programs_down
test_end

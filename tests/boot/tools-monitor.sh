#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Those that watch: ihkmond and `ihkosctl N kmsg --follow` see instances come, boot twice, panic
# and go, each line once, and are in nobody's way.
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

mkfifo "$scratch/lines"

# until_line FILE REGEX: sleep until the watcher has written such a line.
until_line() {
	local status=0 reader

	tail -n +1 -f "$1" > "$scratch/lines" &
	reader=$!
	timeout "$WAIT_S" grep -m 1 -E -q -- "$2" < "$scratch/lines" || status=$?
	kill "$reader" 2>/dev/null || true
	wait "$reader" || true
	[ "$status" -eq 0 ] || fail "no /$2/ in $1: $(cat "$1")"
}

test_begin
ihkmond --foreground 2> "$scratch/mond" &
monitor=$!
# It must be watching /dev before there is something to see: an instance that it finds.
os_new "$lwk_cpus"
until_line "$scratch/mond" 'mcos0: status INACTIVE'
ihkosctl 0 kmsg --follow > "$scratch/follow" &
follower=$!
ihkosctl 0 boot
until_line "$scratch/mond" 'mcos0: status RUNNING'
until_line "$scratch/follow" 'running on'
ihkosctl 0 shutdown
until_line "$scratch/mond" 'mcos0: status INACTIVE'

say "a second boot has its own log"
ihkosctl 0 boot
ihkosctl 0 test panic --no-wait
until_line "$scratch/mond" 'mcos0: status PANIC: .*test'
until_line "$scratch/follow" 'panic'
ihkosctl 0 kmsg > "$scratch/kmsg"
ihkosctl 0 shutdown
ihkconfig 0 destroy 0
wait "$follower" || fail "kmsg --follow did not end with the instance"
until_line "$scratch/mond" 'mcos0: destroyed'

for file in mond follow; do
	expect_eq "boots in $file" 2 "$(grep -c 'running on' "$scratch/$file")"
	expect_eq "banners in $file" 2 "$(grep -c 'McKernel .* build' "$scratch/$file")"
done
# All lines of the last boot are there, in order.
tail -n "$(wc -l < "$scratch/kmsg")" "$scratch/follow" | diff - "$scratch/kmsg"

say "the module goes while ihkmond runs"
release_all
rmmod ihk
ihk_load
kill "$monitor"
wait "$monitor" || fail "ihkmond ended with status $?"
test_end

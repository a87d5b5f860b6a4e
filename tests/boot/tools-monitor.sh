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

# In the place of a system log: each message is a line of the file, until an instance has gone.
system_log() {
	python3 - "$1" << 'END'
import os, socket, sys
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log, open(sys.argv[1], "w") as out:
    log.bind("/dev/log")
    print("ready", file=out, flush=True)
    text = ""
    while "destroyed" not in text:
        text = log.recv(4096).decode().rstrip("\0\n")
        print(text, file=out, flush=True)
os.unlink("/dev/log")
END
}

# is_inactive_again: it has seen the instance INACTIVE twice.
is_inactive_again() {
	[ "$(grep -c 'mcos0: status INACTIVE' "$scratch/mond")" -eq 2 ]
}

# has_end FILE: the watcher has written the log to its last line, but for the level.
has_end() {
	tail -n 1 "$scratch/kmsg" | sed 's/^<[0-7]>//' | grep -Fq -f - "$1"
}

no_monitor() {
	! pgrep -x ihkmond > /dev/null
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
# The next boot empties the log.
until_line "$scratch/mond" 'running on'
until_line "$scratch/follow" 'running on'
ihkosctl 0 shutdown
until_true is_inactive_again

say "a second boot has its own log"
ihkosctl 0 boot
ihkosctl 0 test panic --no-wait
until_line "$scratch/mond" 'mcos0: status PANIC: .*test'
until_line "$scratch/follow" 'panic'
ihkosctl 0 kmsg > "$scratch/kmsg"
until_true has_end "$scratch/mond"
until_true has_end "$scratch/follow"
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

say "as a daemon, with another facility and without the logs"
: > "$scratch/syslog"
system_log "$scratch/syslog" &
listener=$!
until_line "$scratch/syslog" ready
ihkmond --facility=LOG_LOCAL3 --kmsg=0
os_new "$lwk_cpus"
until_line "$scratch/syslog" 'mcos0: status INACTIVE'
ihkosctl 0 boot
until_line "$scratch/syslog" 'mcos0: status RUNNING'
ihkosctl 0 shutdown
ihkconfig 0 destroy 0
wait "$listener"
sed 's/^/   /' "$scratch/syslog"
# Facility 19, and any severity.
expect_eq "messages of another facility" ready "$(grep -Ev '^<15[2-9]>' "$scratch/syslog")"
expect_eq "lines of the log" 0 "$(grep -Ec 'running on|McKernel' "$scratch/syslog")"
release_all
kill "$(pgrep -x ihkmond)"
until_true no_monitor
test_end

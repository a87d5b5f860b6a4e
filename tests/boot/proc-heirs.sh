#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Ids that others have afterwards: what comes late is not taken for the next one's. The LWK's work comes
# as late as the test has it.
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

heirs=$programs/heirs
dir=/proc/mcos

is_held() {
	[ "$(ihkosctl "$os" kmsg | grep -c 'the work of CPU 1 is held')" -eq "$1" ]
}

# hold N: the Nth time.
hold() {
	ihkosctl "$os" test hold-work --cpu 1 --timeout 300000 > /dev/null &
	holder=$!
	until_true is_held "$1"
}

release() {
	ihkosctl "$os" test release-work --cpu 0 > /dev/null
	wait "$holder" || fail "what holds the work says $?"
}

# waits_in PID FUNCTION: in Linux.
waits_in() {
	grep -qs " $2[+.]" "/proc/$1/stack"
}

waits_in_read() {
	[ "$(cut -d ' ' -f 1 "/proc/$1/syscall")" = 0 ]
}

has_gone() {
	[ ! -e "$1" ]
}

# Are there so many processes on the LWK?
has_left() {
	[ "$(compgen -G "$dir$os/[0-9]*" | wc -l)" -eq "$1" ]
}

# The old program's end waits for the request, as it should, or the next one runs.
has_ended() {
	grep -qs ' space_leave[+.]' /proc/[0-9]*/stack || read -r -t 0 -u 9
}

# words: of the next line of descriptor 9, into $one and $two.
words() {
	read -r -u 9 -t "$WAIT_S" one two || fail "a program says nothing"
}

# What Linux has lent is asked back from a process that executes another program meanwhile. The
# request is for that one's memory, which others have, too, and not for the next program's.
recall_of_who_executes() {
	local first truncates

	say "frames are taken back from one of two that have them, while it executes a program"
	mkfifo "$scratch/go" "$scratch/look" "$scratch/out"
	exec 6<> "$scratch/go" 7<> "$scratch/look" 9<> "$scratch/out"
	head -c 65536 /dev/zero | tr '\0' a > "$scratch/file"
	mcexec "$os" "$heirs" memory "$scratch/file" "$scratch/go" "$scratch/look" >&9 &
	first=$!
	words
	expect_eq "what the two say" "both run" "$one $two"
	wait "$first"
	until_true has_left 2
	hold 1
	truncate -s 0 "$scratch/file" &
	truncates=$!
	until_true waits_in "$truncates" lend_invalidate
	echo >&6
	until_true has_ended
	release
	wait "$truncates"
	words
	expect_eq "what the next one says" "next runs" "$one $two"
	echo >&7
	words
	expect_eq "what the other one finds in the file" "nothing there" "$one $two"
	echo >&6
	words
	expect_eq "what the next one says" "read all" "${one} ${two%.}"
	exec 6>&- 7>&- 9>&-
	rm "$scratch/out"
	expect_no_programs
}

# A process is being forgotten.
forgets() {
	grep -qs ' files_proxy_remove[+.]' /proc/[0-9]*/stack
}

# A thread's id is free when it is dead, though mcctrl has not got to forgetting its process: that
# waits for who reads of it. Others are not held up by that.
id_of_a_dead_thread() {
	local first reader heir pid tid

	say "a process with the id of a thread whose process is yet to be forgotten"
	mkfifo "$scratch/in" "$scratch/in2" "$scratch/out"
	exec 6<> "$scratch/in" 7<> "$scratch/in2" 9<> "$scratch/out"
	mcexec "$os" "$heirs" threads <&6 >&9 &
	first=$!
	words
	pid=$one tid=$two
	until_true waits_in_read "$pid"
	until_true waits_in_read "$tid"
	hold 2
	# Whether it gets the text after all, does not matter.
	cat "$dir$os/$pid/maps" > "$scratch/maps" 2>&1 &
	reader=$!
	until_true waits_in "$reader" 'request_run'
	kill -KILL "$pid"
	until_true has_gone "/proc/$tid"
	until_true forgets
	"$heirs" as "$tid" mcexec -c 0 "$os" "$programs/victim" read <&7 >&9 &
	heir=$!
	words
	expect_eq "what it says" ready "$one"
	forgets || fail "who reads was not waited for"
	expect_match "what others read of it" "^$tid " "$(cat "$dir$os/$tid/stat")"
	release
	wait "$reader" || true
	until_true has_gone "$dir$os/$pid"
	exec 7>&-
	kill -TERM "$tid"
	wait "$heir" && fail "it ends by itself"
	wait "$first"
	exec 6>&- 9>&-
	expect_no_programs
}

test_begin
programs_up
recall_of_who_executes
id_of_a_dead_thread
programs_down
test_end

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The LWK ends under programs in every state. Those that wait for it say so in one line and exit with
# 125, the others are killed; none stays, and both kernels have everything back.
#
#   proc-lost.sh panic|hang|abort|shutdown...
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

declare -A pid

# From abi/mcctrl_ioctl.h; exit_group(2).
ioctl=16
prepare_image=0xc0484d01
start_image=0x4d02
exit_group=231

# run NAME COMMAND...: in the background, with input that never comes.
run() {
	local name=$1

	shift
	rm -f "$scratch/$name".*
	mkfifo "$scratch/$name.in"
	# The reader has a writer, itself.
	"$@" <> "$scratch/$name.in" > "$scratch/$name.out" 2> "$scratch/$name.err" &
	pid[$name]=$!
}

is_ready() {
	[ -s "$scratch/$1.out" ]
}

# victim_run NAME MODE [NUMBER]: until it is what NAME says.
victim_run() {
	local name=$1

	shift
	run "$name" mcexec "$os" "$programs/victim" "$@"
	until_true is_ready "$name"
}

# in_call NAME NUMBER
is_in_call() {
	[ "$(cut -d ' ' -f 1 "/proc/${pid[$1]}/syscall")" = "$2" ]
}

# Has the other one become a cat?
is_cat() {
	grep -qsx cat "/proc/$(pgrep -P "${pid[others]}")/comm"
}

is_stopped() {
	grep -q '^State:.T' "/proc/${pid[$1]}/status"
}

# What runs all the time comes last: it holds the others up.
start_all() {
	local mode

	run prepares "$programs/hold_at" after "$ioctl" "$prepare_image" \
		mcexec "$os" "$programs/victim" hello
	run starts "$programs/hold_at" before "$ioctl" "$start_image" \
		mcexec "$os" "$programs/victim" hello
	run exits "$programs/hold_at" before "$exit_group" 0 mcexec "$os" "$programs/victim" exit 3
	until_true is_ready prepares
	until_true is_ready starts
	until_true is_ready exits
	# What has been a proxy and has become something else is none any more.
	run others bash -c 'ulimit -v 400000; "$@"; echo $?' - "$programs/was_proxy" "$os" cat
	until_true is_cat
	victim_run reads read
	until_true is_in_call reads 0
	# shellcheck disable=SC2016
	run looks sh -c 'while cat "$0" > /dev/null; do :; done' \
		"/proc/mcos$os/${pid[reads]}/maps"
	victim_run aborts sleep
	until_true is_in_call aborts "$ioctl"
	victim_run stopped spin
	kill -STOP "${pid[stopped]}"
	until_true is_stopped stopped
	for mode in "$@"; do
		victim_run "$mode" "$mode"
	done
	victim_run computes spin
	until_true is_in_call computes "$ioctl"
}

lose() {
	case $1 in
	panic)
		ihkosctl "$os" test panic --no-wait
		os_wait "$os" PANIC
		;;
	hang)
		ihkosctl "$os" test hang --no-wait
		os_wait "$os" HUNGUP
		ihkosctl "$os" shutdown
		;;
	abort)
		ihkosctl "$os" test hang --no-wait
		os_wait "$os" HUNGUP
		# Nobody writes its core file; that its memory is not given back ends the LWK.
		kill -ABRT "${pid[aborts]}"
		ends aborts 134 ""
		expect_status "$os" PANIC
		;;
	shutdown)
		ihkosctl "$os" shutdown
		;;
	esac
}

# ends NAME STATUS REGEX: with that status, having said one line that matches; "" is none.
ends() {
	local status=0

	wait "${pid[$1]}" || status=$?
	echo "   $1: $status $(cat "$scratch/$1.err")"
	expect_eq "status of what $1" "$2" "$status"
	if [ -n "$3" ]; then
		expect_match "what $1 says" "$3" "$(cat "$scratch/$1.err")"
		expect_eq "lines of what $1" 1 "$(wc -l < "$scratch/$1.err")"
	else
		expect_eq "what $1 says" "" "$(cat "$scratch/$1.err")"
	fi
}

# Either, as it happens to be in a call of Linux's or not. A child of it may say so, too.
ends_either() {
	local status=0

	wait "${pid[$1]}" || status=$?
	echo "   $1: $status $(cat "$scratch/$1.err")"
	case $status in
	137) ;;
	125) expect_match "what $1 says" "$2" "$(cat "$scratch/$1.err")" ;;
	*) fail "status of $1 is $status" ;;
	esac
	expect_eq "what $1 says else" "" "$(grep -Ev "$2" "$scratch/$1.err" || :)"
}

# Whoever has lost its parent is there until the first process has heard of its end.
none_stays() {
	! pgrep -x 'victim|mcexec'
}

# lost_by WAY: by turns with two programs more, of which none is in one state for long.
lost_by() {
	local line mode more

	case $1 in
	panic) line='.*panic\(\) was asked for' more='revoke lend' ;;
	# Only that stops its CPUs.
	hang) line='it was shut down' more='fault calls' ;;
	abort) line='.*does not answer what Linux has to know' more='fault calls' ;;
	shutdown) line='it was shut down' more='signals forks' ;;
	esac
	line="^mcexec: lost LWK $os: $line"
	say "$1"
	# shellcheck disable=SC2086
	start_all $more
	say "all run"
	lose "$1"
	ends computes 125 "$line"
	[ "$1" = abort ] || ends aborts 125 "$line"
	for mode in reads stopped prepares starts exits; do
		ends "$mode" 137 ""
	done
	for mode in $more; do
		ends_either "$mode" "$line"
	done
	expect_log "process ${pid[reads]} \(victim\) is killed, its LWK is gone"
	# With the file.
	wait "${pid[looks]}"

	# It is a cat, which its own limits hold for, and whose file pins the module.
	expect_eq "name of another" cat "$(cat "/proc/$(pgrep -P "${pid[others]}")/comm")"
	expect_eq "its limit" "409600000 409600000" "$(prlimit --noheadings --as -o SOFT,HARD \
		--pid "$(pgrep -P "${pid[others]}")" | xargs)"
	pkill -TERM -P "${pid[others]}"
	wait "${pid[others]}"
	expect_eq "end of another" 143 "$(cat "$scratch/others.out")"
	until_true no_proxies
	until_true none_stays
	expect_log_clean

	if [ "$(os_status "$os")" != INACTIVE ]; then
		status=0
		mcexec "$os" /bin/true > "$scratch/refused" 2>&1 || status=$?
		expect_eq "status on a dead LWK" 125 "$status"
		expect_match "what is said" "not running, it is $(os_status "$os") .*$os shutdown" \
			"$(cat "$scratch/refused")"
		ihkosctl "$os" shutdown
	fi
	ihkosctl "$os" boot
	expect_eq "what the next one says" hello "$(mcexec "$os" "$programs/victim" hello)"
}

test_begin hang_timeout_s=2
programs_up
for way in "$@"; do
	lost_by "$way"
done
until_true no_proxies
programs_down
test_end

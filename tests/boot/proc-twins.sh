#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# mcexec -T: what others on Linux change of a thread's twin, the threads that it makes from then on
# have, too, though a spare one was there; and a tracer of it hears of them.
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

apps=$tree/build/tests/apps

# What of a thread is looked at: /proc/PID/task/TID/.
look() {
	local task=/proc/$pid/task/$1

	cat "$task/comm" "$task/cgroup" "$task/loginuid"
	grep -E '^(Cpus_allowed|Mems_allowed|Seccomp|NoNewPrivs|Uid|Gid|Groups|Cap)' "$task/status"
	# nice value, policy and its priority
	sed 's/.*) //' "$task/stat" | cut -d ' ' -f 17,38,39
	ionice -p "$1"
	cat "/proc/$1/timerslack_ns"
}

# with HOW WORD...: a program makes a thread after the command, which is given its id; its twin
# is HOW: spare or new.
with() {
	local how=$1 words

	shift
	say "${*:-nothing}"
	mkfifo "$scratch/in"
	exec {input}<> "$scratch/in"
	mcexec -T 2 "$os" "$apps/thr_spare" obey 2 < "$scratch/in" > "$scratch/out" {input}>&- &
	pid=$!
	until_true grep -q ready "$scratch/out"
	[ $# -eq 0 ] || "$@" "$pid" > /dev/null
	echo >&"$input"
	until_true grep -q '^[0-9]' "$scratch/out"
	read -r -a words < <(tail -n 1 "$scratch/out")
	expect_eq "the twin after ${*:-nothing}" "$how" "${words[1]}"
	expect_eq "what it has" "$(look "$pid")" "$(look "${words[0]}")"
	exec {input}>&-
	kill -KILL "$pid"
	wait "$pid" || true
	rm "$scratch/in" "$scratch/out"
	expect_no_programs
}

set_slack() {
	echo 7777 > "/proc/$1/timerslack_ns"
}

trace() {
	strace -q -o "$scratch/trace" -p "$1" &
	until_true grep -q '^TracerPid:.*[1-9]' "/proc/$1/status"
}

test_begin
programs_up "$lwk_cpus" "128M@$lwk_node"

with spare
with new taskset -c -p 0
with new renice -n 3 -p
with new chrt -b -p 0
with new ionice -c 2 -n 6 -p
with new set_slack
with new trace

mcexec_refuses '"few" is not a number of threads' -T few
mcexec_refuses '"-1" is not a number of threads' --twins=-1
programs_down
test_end

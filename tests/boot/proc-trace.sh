#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# mcexec -t and -C: which calls a program makes, how often, on which kernel; lines stay whole when
# threads and processes write at the same time.
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

trace=$scratch/trace
time='<[0-9]+\.[0-9]{6}(, LWK)?>'

# calls NAME [TIME]: whole calls in the trace.
calls() {
	grep -Ec "^\[[0-9]+\] $1\(.*\) = .* ${2-$time}\$" "$trace" || true
}

# Each line is of a known form, and each thread goes on with the call that it has begun.
expect_whole() {
	local name='[a-z_0-9]+|\([a-z_]+\)'

	expect_eq "torn lines" "" "$(grep -Ev \
		-e "^\[[0-9]+\] ($name)\(.*\) = .+ $time\$" \
		-e "^\[[0-9]+\] ($name)\(.* <unfinished \.\.\.>\$" \
		-e "^\[[0-9]+\] <\.\.\. ($name) resumed>.*\) = .+ $time\$" \
		-e "^\[[0-9]+\] ($name)\(.*\) = \?\$" "$trace" || true)"
	# Some names begin with a parenthesis themselves.
	awk '/ <unfinished \.\.\.>$/ {
			call = substr($2, 2)
			sub(/\(.*/, "", call)
			open[$1] = substr($2, 1, 1) call
			next
		}
		$2 == "<..." { if (open[$1] != $3) { print; bad = 1 } delete open[$1]; next }
		$1 in open { print; bad = 1 }
		END { exit bad }' "$trace" >&2 || fail "a call goes on that has not begun, or none that has"
}

one_program() {
	say "a program"
	mcexec -t 2> "$trace" "$os" "$programs/known_calls"
	head -n 3 "$trace" | sed 's/^/   /'
	expect_whole
	expect_eq "calls of getuid" 7 "$(calls getuid '<[0-9.]+>')"
	expect_eq "calls of uname" 3 "$(calls uname '<[0-9.]+>')"
	expect_eq "calls of getpid" 5 "$(calls getpid '<[0-9.]+, LWK>')"
	expect_eq "calls of getpid on Linux" 0 "$(calls getpid '<[0-9.]+>')"
	expect_match "results" '\] getuid\(\) = 0 <' "$(cat "$trace")"
	expect_match "the end" '\] exit_group\(0\) = \?$' "$(tail -n 1 "$trace")"
	expect_eq "threads" 1 "$(cut -d ' ' -f 1 "$trace" | sort -u | wc -l)"
	# The last call does not end, and so is not counted.
	mcexec --summary="$scratch/summary" "$os" "$programs/known_calls"
	expect_eq "calls, each shown once" \
		"$(sed -n 's/.*made \([0-9]*\) system calls/\1/p' "$scratch/summary")" \
		"$(calls '[a-z_0-9]+')"
	rm "$trace" "$scratch/summary"
	mcexec -t"$trace" "$os" /bin/cat /nowhere/at/all 2> "$scratch/said" || true
	expect_match "a failure" 'open.*"/nowhere/at/all".* = -1 ENOENT \(No such file' "$(cat "$trace")"
}

two_threads() {
	say "two threads"
	mcexec --trace="$trace" "$os" "$programs/known_calls" threads
	expect_whole
	expect_eq "calls of sched_yield" 80 "$(calls sched_yield '<[0-9.]+, LWK>')"
	expect_eq "ends of calls of getppid" 80 \
		"$(grep -Ec '(\] getppid\(|<... getppid resumed>)\) = [0-9]+ <' "$trace")"
}

child() {
	say "a child that executes a program"
	mcexec --trace="$trace" "$os" "$programs/known_calls" fork
	expect_whole
	grep -E 'wait4|exec' "$trace" | sed 's/^/   /'
	expect_match "the wait" '\] wait4\(.* <unfinished \.\.\.>$' "$(cat "$trace")"
	expect_match "its end" '\] <\.\.\. wait4 resumed>\) = [0-9]+ <' "$(cat "$trace")"
	expect_match "the program" '(\] execve\(".*/known_calls", .*|<\.\.\. execve resumed>)\) = 0 <' \
		"$(cat "$trace")"
	expect_eq "its calls of getuid" 7 "$(calls getuid '<[0-9.]+>')"
	expect_eq "threads" 2 "$(cut -d ' ' -f 1 "$trace" | sort -u | wc -l)"
}

# counts NAME: how many calls, and how many on Linux, the summary has.
counts() {
	awk -v name="$1" '$6 == name { print $4, $5 }' "$scratch/summary"
}

summary() {
	say "the summary"
	mcexec --summary="$scratch/summary" "$os" "$programs/known_calls"
	sed 's/^/   /' "$scratch/summary"
	expect_eq "getuid" "7 7" "$(counts getuid)"
	expect_eq "getpid" "5 0" "$(counts getpid)"
	expect_eq "uname" "3 3" "$(counts uname)"
	# The LWK reads Linux's time pages; the machine's clock is the TSC.
	expect_eq "clock_gettime" "4 0" "$(counts clock_gettime)"
	expect_eq "clock_getres" "1 0" "$(counts clock_getres)"
	expect_eq "gettimeofday" "1 0" "$(counts gettimeofday)"
	expect_eq "time" "1 0" "$(counts time)"
	expect_eq "calls" "$(sed -n 's/.*made \([0-9]*\) system calls/\1/p' "$scratch/summary")" \
		"$(awk 'NR > 2 { print $4 }' "$scratch/summary" | sum)"
	expect_match "time of getuid" '^ *[0-9.]+ +[0-9]+\.[0-9]{6} +[0-9]+ +7 +7 getuid$' \
		"$(cat "$scratch/summary")"
}

# Whose /proc has other numbers than the first pid namespace, which /proc/mcosN has.
summary_in_namespace() {
	say "the summary of a program in a pid namespace"
	rm "$scratch/summary"
	unshare -fp --mount-proc mcexec --summary="$scratch/summary" "$os" "$programs/known_calls"
	expect_eq "getuid" "7 7" "$(counts getuid)"
}

# said_lost STATUS PROGRAM...: with the summary on a full disk it ends so, and one hears of it.
said_lost() {
	local wanted=$1 status=0

	shift
	(ulimit -c 0; exec mcexec -C/dev/full "$os" "$@") 2> "$scratch/said" || status=$?
	expect_eq "status of: $*" "$wanted" "$status"
	expect_eq "what is said" "mcexec: cannot write the summary: No space left on device" \
		"$(cat "$scratch/said")"
}

lost_summary() {
	say "a summary that is lost"
	said_lost 125 true
	said_lost 7 "$programs/victim" exit 7
	said_lost 139 "$programs/victim" segv
}

# The program, and twice a child, which counts as one program and then as another.
put_off() {
	say "summaries when signals put off an execve"
	(cd "$scratch" && mcexec --summary="$scratch/summary" "$os" \
		"$tree/build/tests/apps/sig_executing")
	expect_eq "summaries" 5 "$(grep -c ' system calls$' "$scratch/summary")"
	rm "$scratch/summary"
}

test_begin
programs_up
one_program
rm "$trace"
two_threads
rm "$trace"
child
summary
summary_in_namespace
rm "$scratch/summary"
lost_summary
put_off
expect_no_programs
programs_down
test_end

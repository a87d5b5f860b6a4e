# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2086 # what starts a program may be words
#
# gdb runs on Linux and debugs what runs where $RUN runs it, through a gdbserver there:
#
#   RUN=... sh gdbserver.sh through_pipe|attached|over_tcp|several
#
# It is to print the same wherever that is. Ids and addresses are cut out, and what the program says
# is kept until the end, which is waited for, though gdb has let the program go.

program=$(command -v ptrace_debuggee)

debug() {
	gdb -nx -batch -ex 'set sysroot /' -ex 'set print thread-events off' \
		-ex 'set remotetimeout 300' "$@" "$program" > log 2>&1 3>&-
	grep -Ev '^(warning: File transfers|Reading |Remote debugging |Process .* created; |Attached; pid|Detaching from|$)' log |
		sed 's/0x[0-9a-f]*/ADDR/g; s/Thread [0-9.]*/Thread/; s/LWP [0-9]*/LWP/g; s/process [0-9]*/process/g'
}

# serve WORD...: a server that chooses its port. Sets $port and $server.
serve() {
	$RUN gdbserver "$@" 2> said &
	server=$!
	exec 4< said
	until [ "${line#Listening on port }" != "$line" ]; do
		read -r line <&4 || exit 1
	done
	port=${line##* }
}

through_pipe() {
	cat out > told &
	debug -ex "target remote | $RUN gdbserver --once - $program out" \
		-ex 'break at_work' -ex 'break half' -ex continue \
		-ex 'print n' -ex 'print $_inferior_thread_count' -ex 'bt' \
		-ex 'thread apply all -q -s print $_thread > 0' \
		-ex 'watch total' -ex continue -ex 'delete 3' \
		-ex continue -ex 'print $xmm0.v2_double[0]' -ex 'set $xmm0.v2_double[0] = 21' \
		-ex 'stepi' -ex 'print $rip > (long)half' -ex 'finish' \
		-ex 'next' -ex continue -ex 'print handled' -ex 'print $_siginfo.si_signo' \
		-ex 'set var total = total * 2' -ex 'detach'
}

# The program goes on by a signal that it tells of: then gdb has let it go, and can be interrupted,
# as soon as the program waits again, in pause(2).
attached() {
	program=$(command -v ptrace_threads)
	# A server interrupts a process group.
	$RUN setsid ptrace_threads wait > out &
	pid=$!
	exec 3< out
	read -r line <&3
	(
		read -r line <&3
		echo "$line" > handled
		until read -r number _ < "/proc/$pid/syscall" && [ "$number" = 34 ]; do
			sleep 0.05
		done
		kill -INT "$(cat gdb)"
	) &
	debug -ex "target remote | $RUN gdbserver --once --attach - $pid" \
		-ex 'print counters[0]' -ex 'print counters[1] = 6' \
		-ex 'shell echo $PPID > gdb' -ex 'signal SIGUSR1' -ex 'detach'
	cat handled
	debug -ex "target remote | $RUN gdbserver --once --attach - $pid" \
		-ex 'print counters[1]' -ex 'kill'
	# The shell has heard of its end by now, or says then what that was.
	wait "$pid" 2> /dev/null
	echo $?
	rm gdb handled
}

over_tcp() {
	cat out > told &
	serve --once 127.0.0.1:0 "$program" out
	debug -ex "target remote 127.0.0.1:$port" -ex 'tbreak half' -ex continue \
		-ex 'print value' -ex 'print $_inferior_thread_count' -ex continue -ex continue
	wait "$server"
	echo $?
}

# One server for two runs of a program, whose libraries gdb reads through it. The first says nothing.
several() {
	cat out > told &
	serve --multi 127.0.0.1:0
	debug -ex 'set sysroot target:' -ex "target extended-remote 127.0.0.1:$port" \
		-ex "set remote exec-file $program" -ex 'set args /dev/null' -ex 'tbreak at_work' -ex run \
		-ex 'print n' -ex kill -ex 'set args out' -ex 'tbreak half' -ex run -ex 'print total' -ex 'handle SIGUSR1 nostop' \
		-ex continue -ex 'monitor exit'
	wait "$server"
	echo $?
}

mkfifo out said
: > told
"$1"
wait
cat told
rm -f out said told log

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Users: who may run programs on an LWK, as whom they run there, and that nobody reaches the
# programs of another.
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

group=777
owner=1000
other=2000

# as_user UID COMMAND...
as_user() {
	local uid=$1

	shift
	setpriv --reuid "$uid" --regid "$uid" --clear-groups "$@"
}

# refused STATUS REGEX COMMAND...: by one line.
refused() {
	local wanted=$1 pattern=$2 status=0

	shift 2
	"$@" > "$scratch/refused" 2>&1 || status=$?
	echo "   \$ $* => $status: $(cat "$scratch/refused")"
	expect_eq "the status of $*" "$wanted" "$status"
	expect_match "what is said" "$pattern" "$(cat "$scratch/refused")"
	expect_eq "lines" 1 "$(wc -l < "$scratch/refused")"
}

hello() {
	expect_eq "what it says" hello "$("$@" mcexec "$os" "$programs/victim" hello)"
}

who_may() {
	say "who may"
	refused 125 "no permission for /dev/mcos$os.*owner.*gid" as_user "$owner" mcexec "$os" /bin/true
	hello setpriv --reuid "$other" --regid "$other" --groups "$group"
	chown "$owner" "/dev/mcos$os"
	hello as_user "$owner"
	refused 125 "no permission for /dev/mcos$os" as_user "$other" mcexec "$os" /bin/true
}

# What a program can tell of who it is, and what it may do that an ordinary user may not. The
# words are what runs it.
# shellcheck disable=SC2016
identity() {
	setpriv --reuid "$owner" --regid 1001 --groups 1002,1003 sh -c '
		cd "$0" || exit
		umask 027
		ulimit -Sn 77
		ulimit -Hn 99
		ulimit -Sv 300000
		ulimit -Hv 400000
		ulimit -Ss 1000
		ulimit -c 0
		exec "$@"' "$scratch/dir" "$@" sh -c '
		id; umask; pwd; ulimit -aS; ulimit -aH
		grep -E "^(Uid|Gid|Groups|NoNewPrivs|Cap...):" /proc/self/status
		cat /etc/shadow
		echo > /etc/passwd
		kill -9 1
		chown 0 /tmp
		mknod null c 1 3
		ulimit -Hn 100
		ulimit -Hv 500000
		echo > new && stat -c "%a %u %g" new && rm new' 2>&1
}

as_whom() {
	say "as whom"
	install -d -m 777 "$scratch/dir"
	identity env > "$scratch/linux" || true
	identity mcexec "$os" > "$scratch/lwk" || true
	sed 's/^/   /' "$scratch/lwk"
	diff "$scratch/linux" "$scratch/lwk" >&2 || fail "a program is not what its caller is"
}

# The numbers of processes on the LWK, while a shell there runs the program.
# shellcheck disable=SC2016
on_lwk_beside_shell() {
	until_true no_proxies
	as_user "$owner" mcexec "$os" sh -c '"$0" "$1"; true' "$1" "/proc/mcos$os" | wc -l
}

# shellcheck disable=SC2016
more_rights() {
	local ls=$scratch/ls

	say "programs with rights of their own: refused, or run on Linux"
	install -m 4755 /bin/id "$scratch/set-uid"
	install -m 4755 /bin/ls "$ls"
	refused 126 'set-user-ID' as_user "$owner" mcexec "$os" "$scratch/set-uid" -u
	expect_eq "its user, executed by a program" 0 \
		"$(as_user "$owner" mcexec "$os" sh -c '"$0" -u' "$scratch/set-uid")"
	expect_eq "processes beside it" 1 "$(on_lwk_beside_shell "$ls")"
	expect_eq "processes beside an ordinary one" 2 "$(on_lwk_beside_shell /bin/ls)"
	# root's own rights are no more than root has.
	expect_eq "its user, run by root" 0 "$(mcexec "$os" "$scratch/set-uid" -u)"

	cp /bin/grep "$scratch/capable"
	# CAP_NET_RAW, effective.
	setfattr -n security.capability -v 0x0100000200200000000000000000000000000000 \
		"$scratch/capable"
	refused 126 'capabilities' as_user "$owner" mcexec "$os" "$scratch/capable" x /dev/null
	expect_eq "its capabilities, executed by a program" "CapEff:	0000000000002000" \
		"$(as_user "$owner" mcexec "$os" sh -c '"$0" CapEff /proc/self/status' \
			"$scratch/capable")"
	# Neither counts for who may gain nothing.
	expect_eq "its user without new privileges" "$owner" \
		"$(as_user "$owner" setpriv --no-new-privs mcexec "$os" "$scratch/set-uid" -u)"
}

others_programs() {
	say "another user's programs"
	victim_as=(setpriv --reuid "$owner" --regid "$owner" --clear-groups)
	victim_start read
	until_true in_call 0
	"$programs/intrude" "$os" "$victim" "$other" || fail "an intruder came in"
	victim_ends_well
}

# What trace_try tries.
trace_words=()

# tries NAME WORD COMMAND...: what comes of tracing by a program of the LWK.
tries() {
	local name=$1 wanted=$2

	shift 2
	expect_eq "tracing by $name" "$wanted" \
		"$("$@" mcexec "$os" "$programs/trace_try" "${trace_words[@]}")"
}

yama_scope() {
	echo "$1" > /proc/sys/kernel/yama/ptrace_scope
}

# A security module has its say, too.
yama_decides() {
	yama_scope 1
	tries "its user, who is no ancestor" EPERM as_user "$owner"
	tries "root, in spite of that" traced env
	trace_words=(child)
	tries "a parent" traced as_user "$owner"
	yama_scope 2
	tries "a parent without capabilities" EPERM as_user "$owner"
	tries "a parent that is root" traced env
	yama_scope 0
	trace_words=("$victim")
}

# Whoever asks often keeps no files of Linux open.
asks_often() {
	local limit

	limit=$(cat /proc/sys/fs/file-max)
	echo $(($(cut -f 1 /proc/sys/fs/file-nr) + 500)) > /proc/sys/fs/file-max
	trace_words=("$victim" 1000)
	tries "its user, after many tries" traced as_user "$owner"
	trace_words=("$victim")
	echo "$limit" > /proc/sys/fs/file-max
}

# Linux decides: by ids, by capabilities, and by what the program says of itself.
who_traces() {
	say "who may trace whose programs"
	chmod 666 "/dev/mcos$os"
	victim_as=(setpriv --reuid "$owner" --regid "$owner" --clear-groups)
	victim_start read
	until_true in_call 0
	trace_words=("$victim")
	tries "another user" EPERM as_user "$other"
	tries "its user" traced as_user "$owner"
	tries "root" traced env
	tries "another user, after these" EPERM as_user "$other"
	yama_decides
	asks_often
	victim_ends_well
	# A program of the same ids, but with rights that the user does not have.
	victim_as=(setpriv --reuid "$owner" --regid "$owner" --clear-groups
		--inh-caps=+sys_nice --ambient-caps=+sys_nice)
	victim_start read
	until_true in_call 0
	trace_words=("$victim")
	tries "its user, who has fewer rights" EPERM as_user "$owner"
	victim_ends_well
	victim_as=()
	chmod 660 "/dev/mcos$os"
}

unknown_child() {
	say "a proxy's child that the LWK does not know"
	echo 2 > /proc/sys/vm/nr_hugepages
	"$programs/unknown_child" 100 "/dev/mcos$os" || fail "it was served"
	echo 0 > /proc/sys/vm/nr_hugepages
}

known_child() {
	say "a proxy's children that do not as mcexec's do"
	"$programs/known_child" "/dev/mcos$os" || fail "that went wrong"
}

test_begin gid=$group
programs_up
chmod 755 "$scratch"
who_may
expect_no_programs
as_whom
expect_no_programs
more_rights
expect_no_programs
others_programs
expect_no_programs
who_traces
expect_no_programs
unknown_child
expect_no_programs
known_child
expect_no_programs
programs_down
test_end

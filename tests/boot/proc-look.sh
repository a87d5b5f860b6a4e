#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What Linux sees of a program on the LWK: in /proc/PID, which is its proxy's, and in /proc/mcosN/PID,
# where the LWK has its own say; who may see it; and that both follow the program's name, parent, ids.
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

# line FILE KEY: what a file of lines "KEY:<tab>VALUE" has of one.
line() {
	sed -n "s/^$2:[[:space:]]*//p" "$1"
}

# stat_field FILE N: fields of stat from the third on; the name may contain blanks.
stat_field() {
	sed 's/.*) //' "$1" | cut -d ' ' -f $(($2 - 2))
}

# strings FILE: a line for each string that ends with a NUL.
strings_of() {
	tr '\0' '\n' < "$1"
}

# Numbers of the descriptors that are the program's, and where mcexec's own lead to.
own_descriptors() {
	find "/proc/$victim/fd" -mindepth 1 -printf '%f\n' | sort -n | awk '$1 < 512' | xargs
}

hidden_descriptors() {
	find "/proc/$victim/fd" -mindepth 1 -printf '%f %l\n' | awk '$1 >= 512 { $1 = ""; print }'
}

look_by_linux() {
	local proc=/proc/$victim

	say "/proc/PID"
	expect_eq "comm" victim "$(cat "$proc/comm")"
	expect_eq "cmdline" "$programs/victim read 0" "$(strings_of "$proc/cmdline" | xargs)"
	expect_match "environ" '^SEEN=from Linux$' "$(strings_of "$proc/environ")"
	expect_eq "cwd" "$scratch" "$(readlink "$proc/cwd")"
	expect_eq "fd" "0 1 2" "$(own_descriptors)"
	hidden_descriptors | sed 's/^/   hidden:/'
	expect_eq "hidden descriptors that lead elsewhere" "" \
		"$(hidden_descriptors | grep -Ev "/dev/mcos$os|mcctrl|/mcexec|/victim" || true)"
	expect_eq "exe" "$programs/victim" "$(readlink "$proc/exe")"
	expect_eq "processes of that name and file" "$victim" "$(pidof "$programs/victim")"
	expect_match "users of the file" " ${victim}e\$" "$(fuser "$programs/victim" 2>&1 || true)"
}

look_by_lwk() {
	local mine=/proc/mcos$os/$victim theirs=/proc/$victim key

	say "/proc/mcosN/PID"
	for key in Name Tgid Pid PPid Uid Gid; do
		expect_eq "$key" "$(line "$theirs/status" "$key")" "$(line "$mine/status" "$key")"
	done
	until_true sleeps
	expect_eq "Threads" 1 "$(line "$mine/status" Threads)"
	expect_eq "CPUs" "$lwk_cpus" "$(line "$mine/status" Cpus_allowed_list)"
	expect_match "VmRSS" '^[1-9][0-9]* kB$' "$(line "$mine/status" VmRSS)"
	expect_eq "name in stat" "$victim (victim)" "$(sed 's/).*/)/' "$mine/stat")"
	expect_eq "fields of stat" 52 "$(wc -w < "$mine/stat")"
	expect_eq "parent in stat" "$$" "$(stat_field "$mine/stat" 4)"
	expect_eq "priority in stat" 25 "$(stat_field "$mine/stat" 18)"
	expect_eq "nice in stat" 5 "$(stat_field "$mine/stat" 19)"
	expect_match "code in maps" " r-xp [0-9a-f]{8} [0-9a-f:]+ [1-9][0-9]* +$programs/victim\$" \
		"$(cat "$mine/maps")"
	expect_match "stack in maps" ' rw-p .*\[stack\]$' "$(cat "$mine/maps")"
	expect_match "vDSO in maps" ' r-xp .*\[vdso\]$' "$(cat "$mine/maps")"
	expect_match "calls" '^write +1 calls' "$(cat "$mine/syscalls")"
	expect_match "vector" '^[1-9]' "$(wc -c < "$mine/auxv")"
}

# It reads numbers and answers the calls that they stand for, so that it is known when it has changed.
# shellcheck disable=SC2016 # for the programs on the LWK
follow() {
	local mine theirs key

	say "a program that changes, then looks at itself"
	mkfifo "$scratch/go" "$scratch/told"
	mcexec "$os" perl -e '$| = 1; $0 = "other name"; $( = 21; $) = "22 22"; $< = 31; $> = 32;
		print "ready\n"; <STDIN>; open F, "/proc/mcos'"$os"'/$$/maps" or die "maps: $!";
		print grep { /r-xp/ } <F>' < "$scratch/go" > "$scratch/told" &
	victim=$!
	exec 8> "$scratch/go" 9< "$scratch/told"
	read -r -u 9 -t "$WAIT_S" word || fail "the program is not ready"
	mine=/proc/mcos$os/$victim/status
	theirs=/proc/$victim/status
	for key in Name Uid Gid; do
		echo "   $key $(line "$mine" "$key")"
		expect_eq "$key" "$(line "$theirs" "$key")" "$(line "$mine" "$key")"
	done
	expect_eq "its name" "other name" "$(line "$mine" Name)"
	expect_match "its users" '^31.32' "$(line "$mine" Uid)"
	echo >&8
	expect_match "what it sees of itself" 'r-xp' "$(cat <&9)"
	victim_wait
	expect_eq "status of the program" 0 "$status"
}

# Of all that was built, mcexec is enough.
installs() {
	BUILD=$scratch/build DESTDIR=$scratch/root PREFIX=/usr "$tree/scripts/install" --no-modules \
		> "$scratch/installed"
}

# Linux keeps writers from the file of a program, not from the mcexec that it runs in.
look_at_new_mcexec() {
	say "mcexec is installed anew"
	mkdir -p "$scratch"/build/{lwk,user/bin,user/sbin}
	cp "$(command -v mcexec)" "$scratch/build/user/bin/"
	cp "$image" "$scratch/build/lwk/"
	installs
	victim_as=(env "PATH=$scratch/root/usr/bin:$PATH")
	victim_start read 0
	expect_match "mcexec of the program" "$scratch/root/usr/bin/mcexec\$" \
		"$(cat "/proc/$victim/maps")"
	installs
	expect_match "its old mcexec" '/usr/bin/mcexec \(deleted\)$' "$(cat "/proc/$victim/maps")"
	victim_ends_well
}

test_begin
programs_up
cd "$scratch"
victim_as=(nice -n 5 env "SEEN=from Linux")
victim_start read 0
until_true in_call 0
look_by_linux
look_by_lwk
victim_ends_well
expect_no_programs
follow
expect_no_programs
look_at_new_mcexec
expect_no_programs
cd /
programs_down
test_end

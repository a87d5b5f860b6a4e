#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# /proc/mcosN/PID/maps: the same as the program's own /proc/self/maps, which names the same files as
# on Linux; however it is read, by whom, and while the program ends.
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

owner=1000
other=2000

# start HOW... -- MODE: in the background, until it is ready; sets $first, what was started, and $pid.
start() {
	local how=()

	while [ "$1" != -- ]; do
		how+=("$1")
		shift
	done
	rm -f "$scratch/in" "$scratch/out"
	mkfifo -m 666 "$scratch/in" "$scratch/out"
	"${how[@]}" "$programs/mapped" "${2-}" < "$scratch/in" > "$scratch/out" &
	first=$!
	exec 8> "$scratch/in" 9< "$scratch/out"
	read -r -u 9 -t "$WAIT_S" word pid || fail "the program is not ready"
	expect_eq "its word" ready "$word"
}

end() {
	local status=0

	exec 8>&-
	wait "$first" || status=$?
	exec 9<&-
	expect_eq "status of the program" 0 "$status"
}

# What is called something, in order, but for addresses, and inodes of what is new each time. The vDSO
# is where Linux happens to put it for mcexec.
named() {
	awk 'NF > 5 { $1 = ""; if (/deleted/) $5 = "-"; if (!/\[v(var|dso)\]/) print }' "$1"
	awk '$6 ~ /^\[v/ { $1 = ""; print }' "$1"
}

# same MODE: as on Linux, and as the program sees itself.
same() {
	say "the same as in the program, and as on Linux: ${1-}"
	start -- "${1-}"
	end
	cp maps "$scratch/linux"
	start mcexec "$os" -- "${1-}"
	cp maps "$scratch/self"
	cat "/proc/mcos$os/$pid/maps" > "$scratch/lwk"
	read_in_parts "/proc/mcos$os/$pid/maps" "$scratch/lwk"
	end
	diff "$scratch/self" "$scratch/lwk" || fail "the program sees something else"
	named "$scratch/linux" > "$scratch/linux.named"
	named "$scratch/lwk" > "$scratch/lwk.named"
	cat "$scratch/lwk.named"
	diff "$scratch/linux.named" "$scratch/lwk.named" || fail "Linux would name something else"
}

# read_in_parts FILE TEXT
# shellcheck disable=SC2016
read_in_parts() {
	perl -e 'my ($file, $want) = @ARGV; my $all = ""; local $/;
		open W, "<", $want or die; $want = <W>;
		open F, "<", $file or die "$file: $!";
		while (sysread F, my $byte, 1) { $all .= $byte }
		die "byte by byte it is\n$all" if $all ne $want;
		for my $at (0, 1, 73, 100, 2000, 4095, 4096, length($want) - 1, length($want), 1e6) {
			next if $at > length($want) && $at != 1e6;
			sysseek F, $at, 0 or die "seek: $!";
			my $part = ""; my $len = 0;
			while (my $n = sysread F, $part, 700 - $len, $len) { $len += $n }
			my $right = $at < length($want) ? substr($want, $at, 700) : "";
			die "at $at it is\n$part" if $part ne $right;
		}' "$1" "$2"
}

# reads UID FILE: yes or no.
reads() {
	if setpriv --reuid "$1" --regid "$1" --clear-groups cat "$2" > "$scratch/read" 2>&1; then
		echo yes
	else
		expect_match "why not" 'Permission denied' "$(cat "$scratch/read")"
		echo no
	fi
}

# may WANTED MODE: owner, another user, root; and Linux thinks so, too.
may() {
	local uid got=""

	start setpriv --reuid "$owner" --regid "$owner" --clear-groups mcexec "$os" -- "$2"
	for uid in "$owner" "$other" 0; do
		got+="$(reads "$uid" "/proc/mcos$os/$pid/maps") "
		expect_eq "what Linux lets $uid read" "$(reads "$uid" "/proc/$pid/maps")" \
			"$(reads "$uid" "/proc/mcos$os/$pid/maps")"
		expect_eq "whether $uid may read syscalls" "$(reads "$uid" "/proc/$pid/maps")" \
			"$(reads "$uid" "/proc/mcos$os/$pid/syscalls")"
	done
	end
	expect_eq "who may read" "$1" "${got% }"
}

# names_from_root FILE ROOT: what a reader in ROOT is shown of the file.
# shellcheck disable=SC2016
names_from_root() {
	perl -e 'open F, "<", $ARGV[0] or die; chroot $ARGV[1] or die; my %seen;
		for (<F>) { $seen{$1} = 1 if m{ (/\S*file)$} } print join " ", sort keys %seen' "$@"
}

from_other_roots() {
	local root

	say "readers in another root"
	start mcexec "$os" --
	for root in / "$scratch" "$scratch/dir" "$scratch/empty"; do
		expect_eq "what is seen from $root" "$(names_from_root "/proc/$pid/maps" "$root")" \
			"$(names_from_root "/proc/mcos$os/$pid/maps" "$root")"
	done
	expect_eq "what is seen from the directory" /file \
		"$(names_from_root "/proc/mcos$os/$pid/maps" "$scratch/dir")"
	end
}

# What a program keeps of its files ends with it: nothing is busy when its end is known.
unmount_after() {
	say "the program's file system is unmounted at its end"
	mkdir "$scratch/mount"
	for ((i = 0; i < 10; i++)); do
		mount -t tmpfs tmpfs "$scratch/mount"
		cp "$programs/mapped" "$scratch/mount"
		mcexec "$os" "$scratch/mount/mapped" fork < /dev/null > /dev/null
		umount "$scratch/mount" || fail "busy after run $i"
	done
}

# shellcheck disable=SC2016
while_programs_end() {
	local reader

	say "read while programs come and go"
	sh -c 'while [ ! -e "$0/enough" ]; do cat /proc/mcos'"$os"'/*/maps; done' "$scratch" \
		> "$scratch/read" 2>&1 &
	reader=$!
	for ((i = 0; i < 20; i++)); do
		mcexec "$os" "$programs/mapped" fork < /dev/null > /dev/null
	done
	touch "$scratch/enough"
	wait "$reader" || true
}

test_begin
programs_up
mkdir "$scratch/dir" "$scratch/empty"
chmod 777 "$scratch" "$scratch/dir"
cd "$scratch/dir"
same
same many
same fork
expect_no_programs
from_other_roots
say "who may"
chmod 666 "/dev/mcos$os"
rm -f ./*
may "yes no yes" ""
rm -f ./*
may "no no yes" hidden
rm -f ./*
unmount_after
while_programs_end
expect_no_programs
cd /
programs_down
test_end

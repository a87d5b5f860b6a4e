#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Programs that go wrong by themselves end as they would on Linux, in status and output; what cannot
# be run is refused with a sentence; a program that takes all memory hurts itself alone. Where no LWK
# runs, or none that the caller may use, the sentence says what to do about it.
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

# outcome COMMAND...: its output, then its status.
outcome() {
	local status=0

	"$@" 2>&1 || status=$?
	echo "status $status"
}

# same_as_linux MODE [NUMBER]
same_as_linux() {
	local linux lwk

	linux=$(outcome "$programs/victim" "$@" | grep -v "line .* $programs/victim")
	lwk=$(outcome mcexec "$os" "$programs/victim" "$@" | grep -v "line .* mcexec")
	expect_eq "what $* comes to" "$linux" "$lwk"
	echo "   $*: ${lwk//$'\n'/, }"
}

# refused STATUS REGEX COMMAND...: by one sentence.
refused() {
	local wanted=$1 pattern=$2 status=0

	shift 2
	"$@" > "$scratch/refused" 2>&1 || status=$?
	echo "   \$ $* => $status: $(cat "$scratch/refused")"
	expect_eq "the status of $*" "$wanted" "$status"
	grep -Eq -- "$pattern" "$scratch/refused" || fail "no /$pattern/ from: $*"
	expect_eq "lines from $*" 1 "$(wc -l < "$scratch/refused")"
}

programs_that_fail() {
	ulimit -c 0
	same_as_linux exit 0
	same_as_linux exit 77
	same_as_linux segv
	same_as_linux segv $((0xffff800000000000))
	same_as_linux segv $((0x7ee000000000))
	same_as_linux abort
	same_as_linux ud
	same_as_linux stack
	same_as_linux truncated 0
	(
		ulimit -s 256
		same_as_linux stack
	)
}

# What the log says of a program that died by itself.
the_log_tells_of_faults() {
	local log

	echo 7 > "/sys/devices/virtual/ihk/mcos$os/sys/kernel/loglevel"
	ihkosctl "$os" clear_kmsg
	outcome mcexec "$os" "$programs/victim" segv > /dev/null
	log=$(ihkosctl "$os" kmsg)
	expect_match "signal, place and address" \
		'victim \([0-9]+\): signal 11, code 1, at 0x[0-9a-f]+, sp 0x[0-9a-f]+, address 0x8$' \
		"$log"
	expect_match "registers" 'rax [0-9a-f]{16} rbx [0-9a-f]{16} rcx [0-9a-f]{16}' "$log"
	# A write by user mode to a page that is not there.
	expect_match "the exception" 'rip [0-9a-f]{16} flags [0-9a-f]+ vector 14 error 6$' "$log"
}

# By the LWK's own table, which Linux does not share.
calls_that_are_refused() {
	expect_match "refused calls" '^[1-9][0-9]* refused and [1-9][0-9]* unknown calls, 0 answered otherwise$' \
		"$(outcome mcexec "$os" "$programs/refused")"
}

files_that_cannot_run() {
	cp "$programs/victim" "$scratch/plain"
	chmod 644 "$scratch/plain"
	echo nonsense > "$scratch/nonsense"
	head -c 100 "$programs/victim" > "$scratch/cut"
	head -c 20000 "$programs/victim" > "$scratch/shorter"
	install -m 4755 "$programs/victim" "$scratch/set-uid"
	install -m 2755 "$programs/victim" "$scratch/set-gid"
	chown 1000:1000 "$scratch/set-uid"
	chmod 4755 "$scratch/set-uid"
	chown 0:1000 "$scratch/set-gid"
	chmod 2755 "$scratch/set-gid"
	chmod 755 "$scratch/cut" "$scratch/shorter"
	install -m 755 "$programs/victim" "$scratch/32-bit"
	printf '\1' | dd of="$scratch/32-bit" bs=1 seek=4 conv=notrunc status=none
	install -m 755 "$programs/victim" "$scratch/foreign"
	printf '\267' | dd of="$scratch/foreign" bs=1 seek=18 conv=notrunc status=none
	echo "#!$scratch/foreign" > "$scratch/script"
	chmod 755 "$scratch/script"
	mkfifo "$scratch/fifo"
	chmod 755 "$scratch/fifo"
	expect_match "mcexec on an option that it does not know" 'mcexec: see mcexec --help$' \
		"$(mcexec --no-such-option 2>&1)"
	refused 127 'No such file' mcexec "$os" /nowhere/at/all
	refused 127 'No such file' mcexec "$os" nowhere-in-path
	refused 126 'Permission denied' mcexec "$os" "$scratch/plain"
	refused 126 'file' mcexec "$os" "$scratch"
	refused 126 'file' mcexec "$os" "$scratch/fifo"
	refused 126 'cannot run' mcexec "$os" "$scratch/cut"
	refused 126 'cannot run' mcexec "$os" "$scratch/shorter"
	refused 126 'run .*/32-bit: a 32-bit program$' mcexec "$os" "$scratch/32-bit"
	refused 126 'run .*/foreign: not for this processor$' mcexec "$os" "$scratch/foreign"
	refused 126 'run .*/foreign: not for this processor$' mcexec "$os" "$scratch/script"
	refused 126 'set-user-ID' mcexec "$os" "$scratch/set-uid"
	refused 126 'set-group-ID' mcexec "$os" "$scratch/set-gid"
	refused 125 'no CPU 77' mcexec -c 77 "$os" /bin/true
	refused 125 'no CPU 78' mcexec -c 0,77-78 "$os" /bin/true
	refused 125 'list of CPUs' mcexec -c 3-1 "$os" /bin/true
	refused 125 'no LWK 63' mcexec 63 /bin/true
}

output_that_fails() {
	mkdir -p "$scratch/small"
	mount -t tmpfs -o size=64k none "$scratch/small"
	expect_match "a full disk" 'No space left' \
		"$(outcome mcexec "$os" /bin/dd if=/dev/zero of="$scratch/small/x" bs=4k count=100)"
	umount "$scratch/small"
	expect_match "a full device" 'I/O error' \
		"$(outcome mcexec "$os" /bin/sh -c 'echo x > /dev/full')"
	# SIGPIPE: 141 for the first command of the pipe.
	(
		set +o pipefail
		mcexec "$os" /usr/bin/yes | head -n 1 > /dev/null
		expect_eq "status at a closed pipe" 141 "${PIPESTATUS[0]}"
	)
}

memory_that_ends() {
	local uses

	say "malloc() until ENOMEM"
	expect_eq "malloc of all" "ENOMEM after some" "$(mcexec "$os" "$programs/victim" malloc)"
	expect_no_programs

	say "page by page: killed, with a line in the log; another program goes on"
	victim_start read
	until_true in_call 0
	uses=$(mcctrl_uses)
	expect_eq "status of who takes all" 137 "$(outcome mcexec "$os" "$programs/victim" touch |
		sed -n 's/^status //p')"
	expect_kmsg "$os" 'victim \([0-9]+\): signal 9,'
	until_true uses_at_most "$uses"
	expect_eq "what another says" hello "$(mcexec "$os" "$programs/victim" hello)"
	victim_ends_well
	expect_no_programs

	say "no memory for the program's data; code and constants need none of the LWK's"
	refused 125 'memory' mcexec "$os" "$scratch/large-data"
	expect_eq "what one with large constants says" hello \
		"$(mcexec "$os" "$scratch/large-constants" hello)"
}

# mends REGEX COMMAND...: what stands in the way, in one sentence with the words that mend it.
mends() {
	local pattern=$1

	shift
	refused 125 "$pattern" "$@"
}

lwk_that_does_not_run() {
	mends 'no LWK 62; mcreboot\(8\)' mcexec 62 /bin/true
	mends "no permission for /dev/mcos$os.*mcreboot --owner" \
		setpriv --reuid 1000 --regid 1000 --clear-groups mcexec "$os" /bin/true
	ihkosctl "$os" test panic --no-wait
	os_wait "$os" PANIC
	mends "LWK $os is not running, it is PANIC \(.+\); .ihkosctl $os shutdown" \
		mcexec "$os" /bin/true
	ihkosctl "$os" shutdown
	mends "LWK $os is not running; .ihkosctl $os boot" mcexec "$os" /bin/true
	ihkosctl "$os" boot
	mcctrl_unload
	mends "mcctrl is not loaded; .modprobe mcctrl" mcexec "$os" /bin/true
	mcctrl_load
	expect_eq "what is said then" hello "$(mcexec "$os" "$programs/victim" hello)"
}

# make_large FLAGS FILE: the sound one with one more segment, which alone is larger than the LWK.
make_large() {
	python3 - "$programs/victim" "$@" << 'END'
import struct, sys
data = bytearray(open(sys.argv[1], "rb").read())
phoff, = struct.unpack_from("<Q", data, 32)
phnum, = struct.unpack_from("<H", data, 56)
PT_LOAD, PT_NOTE, PAGE, LEN = 1, 4, 4096, 128 << 20
end = 0
for at in range(phoff, phoff + 56 * phnum, 56):
    kind, = struct.unpack_from("<I", data, at)
    if kind == PT_LOAD:
        vaddr, _, _, memsz = struct.unpack_from("<QQQQ", data, at + 16)
        end = vaddr + memsz
    elif kind == PT_NOTE and end:
        start, offset = (-(-x // PAGE) * PAGE for x in (end, len(data)))
        struct.pack_into("<IIQQQQQQ", data, at, PT_LOAD, int(sys.argv[2]), offset, start, start,
                         LEN, LEN, PAGE)
        break
with open(sys.argv[3], "wb") as f:
    f.write(data)
    f.truncate(offset + LEN)
END
	chmod 755 "$2"
}

test_begin
# Linux would log the faults of the runs that are its own.
echo 0 > /proc/sys/debug/exception-trace
programs_up
say "programs that fail"
programs_that_fail
the_log_tells_of_faults
expect_no_programs
say "calls that are refused"
calls_that_are_refused
expect_no_programs
say "files that cannot run"
files_that_cannot_run
expect_no_programs
say "output that fails"
output_that_fails
expect_no_programs
# PF_R and PF_W.
make_large 6 "$scratch/large-data"
make_large 4 "$scratch/large-constants"
memory_that_ends
expect_no_programs
say "an LWK that does not run"
lwk_that_does_not_run
until_true no_proxies
programs_down
echo 1 > /proc/sys/debug/exception-trace
test_end

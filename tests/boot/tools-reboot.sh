#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# mcreboot and mcstop: defaults, what is reserved already, a second instance, replacing,
# and for each step that can fail that nothing is left of the ones before it; nor if nobody
# reads what they say.
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

# undone REGEX OPTION...: mcreboot fails with that sentence and leaves the machine as it was. Its
# output goes to descriptor 7.
undone() {
	local pattern=$1 status=0

	shift
	mcreboot "$@" >&7 2> "$scratch/err" || status=$?
	echo "   \$ mcreboot $(printf '%.60s' "$*") => $status: $(cat "$scratch/err")"
	expect_eq "exit status" 1 "$status"
	expect_eq "lines on standard error" 1 "$(wc -l < "$scratch/err")"
	expect_match "the sentence" "^mcreboot: $pattern\$" "$(cat "$scratch/err")"
	if ihk_loaded; then
		fail "the module is still loaded"
	fi
	leak_check
}

export MCK_IMAGE=$image
test_begin
rmmod ihk

say "defaults: the last half of the cores, half of their node's free memory"
mcreboot | tee "$scratch/out"
expect_status 0 RUNNING
expect_eq "its CPUs" "$lwk_cpus" "$(ihkosctl 0 query cpu)"
expect_match "its memory" "^[0-9]+@$lwk_node\$" "$(ihkosctl 0 query mem)"
# Who serves them: each CPU of Linux in turn, nearest first.
expect_no_match "IKC map" ":($lwk_first|$lwk_last)(\\+|\$)" "$(ihkosctl 0 get ikc_map)"

say "a second one is refused, or replaces the first, or runs beside it"
refuse 'OS instance 0 is RUNNING: stop it with mcstop' mcreboot
expect_status 0 RUNNING
mcreboot -q -R -e 'test_hooks'
expect_eq "kernel arguments" test_hooks "$(ihkosctl 0 get kargs)"
mcreboot -q -R -e 'test_hooks loglevel=9 nonsense' 2> "$scratch/err"
expect_eq "what it says of kernel arguments" \
	'mcreboot: kernel arguments: bad value "9" of "loglevel" ignored (error -34)
mcreboot: kernel arguments: unknown argument "nonsense" ignored' "$(cat "$scratch/err")"
if [ "$lwk_first" -gt 1 ]; then
	mcreboot -q -a -c 1 -m 64M@0 -r 1:0
	expect_status 1 RUNNING
	expect_eq "instances" 0,1 "$(ihkconfig 0 get os_instances)"
fi

say "mcstop -R keeps what is reserved, and mcreboot uses it"
mcstop -R
cpus=$(ihkconfig 0 query cpu)
mem=$(ihkconfig 0 query mem)
expect_eq "instances" "" "$(ihkconfig 0 get os_instances)"
mcreboot -q
expect_eq "its CPUs" "$cpus" "$(ihkosctl 0 query cpu)"
expect_eq "its memory" "$mem" "$(ihkosctl 0 query mem)"

say "mcstop stops a dead one, too, and waits for nobody but tells who is in the way"
mcreboot -q -R -e test_hooks
ihkosctl 0 test panic --no-wait
os_wait 0 PANIC
exec 9< /dev/mcd0
refuse 'cannot remove the module ihk: process [0-9]+ uses it' mcstop -q
exec 9<&-
mcstop
leak_check
expect_match "mcstop" 'nothing to do' "$(mcstop)"

say "mcstop -k kills who is in the way"
mcreboot -q
exec 9< /dev/mcd0
sleep infinity <&9 9<&- &
pid=$!
exec 9<&-
expect_match "mcstop -k" "killing process $pid, which uses the devices" "$(mcstop -k)"
status=0
wait "$pid" || status=$?
expect_eq "how it ended" 137 "$status"
leak_check

say "mcstop waits for what is no process any more"
mcreboot -q -m "$OS_MEM@$lwk_node"
python3 - << 'END'
import os, socket, subprocess, sys
# On its way from socket to socket, the device is open, and no process has it.
sender, receiver = socket.socketpair()
device = os.open("/dev/mcd0", os.O_RDONLY)
socket.send_fds(sender, [b"device"], [device])
os.close(device)
mcstop = subprocess.Popen(["mcstop", "-q"])
call = ""
# poll(2) of nothing, for 50 ms, is between two tries.
while not call.startswith("7 0x0 0x0 0x32 "):
    if mcstop.poll() is not None:
        sys.exit(f"mcstop did not wait, its status is {mcstop.returncode}")
    with open(f"/proc/{mcstop.pid}/syscall", encoding="ascii") as file:
        call = file.read()
receiver.close()
sender.close()
sys.exit(mcstop.wait())
END
leak_check

say "mcstop goes on when nobody reads what it says"
closed_pipe
mcreboot -q
status=0
mcstop >&8 2> "$scratch/err" || status=$?
expect_eq "exit status" 1 "$status"
expect_eq "the sentence" 'mcstop: cannot write the output: Broken pipe' "$(cat "$scratch/err")"
leak_check

say "each step that fails undoes those before it"
exec 7> "$scratch/out"
MCK_MODDIR=/nowhere undone 'cannot load /nowhere/ihk.ko: No such file or directory'
undone 'CPU 0 cannot be given away: Linux needs it' -c 0
undone 'CPU 200 does not exist' -c 200
undone 'NUMA node 9 does not exist' -m 64M@9
undone 'NUMA node 0 cannot spare 1048576 MiB: .*' -m 1T@0
undone 'CPU 0 is not assigned to OS instance 0' -r 0:0
undone "CPU $lwk_last is reserved: .*" -r "$lwk_first:$lwk_last"
exec 7> "$scratch/out"
undone 'cannot load /nowhere: No such file or directory' -I /nowhere
MCK_IMAGE=/nowhere/else undone 'cannot load /nowhere/else: No such file or directory'
expect_eq "what it did before" "" "$(cat "$scratch/out")"
exec 7> "$scratch/out"
undone '/etc/passwd: The image is refused: .*ELF.*' -I /etc/passwd
MCK_IMAGE=$scratch undone "cannot load $scratch: not a regular file"
MCK_IMAGE=/dev/null undone 'cannot load /dev/null: not a regular file'
"$tree/tests/guest/bad_image.py" other-build "$image" "$scratch/other.img"
MCK_IMAGE=$scratch/other.img undone \
	"$scratch/other.img: The image is of build 9\\.9\\..*, this module of build .*"
undone 'cannot set the kernel arguments: 5000 bytes, .*' -e "$(printf '%05000d' 0)"
undone 'OS 0 cannot boot: .*32768 needed' -m 16M@0

say "output that is lost undoes all"
exec 7> /dev/full
undone 'cannot write the output: No space left on device'
exec 7>&8
undone 'cannot write the output: Broken pipe'
exec 7>&-

say "bad command lines touch nothing"
refuse 'bad CPU list "1-": ' mcreboot -c 1-
refuse 'bad memory list "1Q": ' mcreboot -m 1Q
refuse 'bad IKC map "1": ' mcreboot -r 1
refuse 'there is no user "nobody-here"' mcreboot -o nobody-here
refuse 'option -d is not supported: ' mcreboot -d 24
refuse 'unexpected argument "1"' mcreboot 1
for tool in mcreboot mcstop ihkmond ihkconfig ihkosctl; do
	refuse "see $tool --help" "$tool" --no-such-option
done
refuse 'see ihkosctl 0 kmsg --help' ihkosctl 0 kmsg --no-such-option
if ihk_loaded; then
	fail "the module is loaded"
fi

say "a signal undoes all"
# It comes as the instance that has been created is opened.
status=0
strace -o "$scratch/strace" -P /dev/mcos0 -e inject=openat:signal=INT \
	mcreboot > "$scratch/out" 2> "$scratch/err" || status=$?
expect_eq "exit status" 1 "$status"
expect_match "what it has done" 'OS instance 0 is /dev/mcos0' "$(cat "$scratch/out")"
expect_match "the sentence" '^mcreboot: interrupted at step ' "$(cat "$scratch/err")"
leak_check

ihk_load
test_end

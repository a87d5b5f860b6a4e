#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Bad input to the tools and to the raw requests: each is refused with a sentence that
# says why, and leaves nothing behind.
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

mem_total=$(meminfo MemTotal)

test_begin
say "CPUs"
refuse 'CPU 0 .*(Linux needs it|given away)' ihkconfig 0 reserve cpu 0
refuse 'CPU 0 ' ihkconfig 0 reserve cpu "0-$lwk_last"
refuse 'CPU 200' ihkconfig 0 reserve cpu 200
refuse 'CPU 200' ihkconfig 0 reserve cpu "$lwk_last,200"
refuse '1048576|CPU' ihkconfig 0 reserve cpu 1048576
for text in '' ',' '1,' x 1-x 3-1 1,1 1-2-3 -1 ' 1' 1.5 99999999999999999999; do
	refuse 'cpu|action|missing' ihkconfig 0 reserve cpu -- "$text"
done
refuse "CPU $lwk_last" ihkconfig 0 release cpu "$lwk_last"
expect_nothing_reserved

say "memory"
refuse 'node 0' ihkconfig 0 reserve mem "$((2 * mem_total))K@0"
refuse '.' ihkconfig 0 reserve mem "1048576T@0"
refuse 'node 9' ihkconfig 0 reserve mem 64M@9
refuse '@99999' ihkconfig 0 reserve mem 64M@99999
for text in '' x 64 64Q 64M@ 64M@x @0 0M -64M 64M@-1 '64M@0,' 1.5G 5000; do
	refuse 'mem|size|number|action|node|missing' ihkconfig 0 reserve mem -- "$text"
done
refuse 'chunk' ihkconfig 0 reserve mem 64M@0 --min-chunk 12K
refuse 'reserved' ihkconfig 0 release mem 64M@0
expect_nothing_reserved

say "instances that are not there"
refuse '/dev/mcos0|OS instance 0' ihkosctl 0 status
refuse '63' ihkconfig 0 destroy 63
refuse 'mcd1|device' ihkconfig 1 query cpu

say "assigning what is not reserved"
os=$(ihkconfig 0 create)
refuse "CPU $lwk_last" ihkosctl "$os" assign cpu "$lwk_last"
refuse 'memory|reserved' ihkosctl "$os" assign mem 64M@0
refuse "CPU $lwk_last" ihkosctl "$os" release cpu "$lwk_last"
refuse 'CPU' ihkosctl "$os" set ikc_map "$lwk_last:0"

say "booting without image, CPU, memory"
ihkconfig 0 reserve cpu "$lwk_cpus"
ihkconfig 0 reserve mem 64M@0
refuse 'image' ihkosctl "$os" boot
ihkosctl "$os" load "$image"
refuse 'CPU' ihkosctl "$os" boot
ihkosctl "$os" assign cpu "$lwk_cpus"
refuse 'memory' ihkosctl "$os" boot
ihkosctl "$os" assign mem 16M@0
refuse '32|memory' ihkosctl "$os" boot
ihkosctl "$os" assign mem 48M@0
refuse 'memory|reserved' ihkosctl "$os" assign mem 64M@0
refuse "CPU $lwk_last" ihkosctl "$os" assign cpu "$lwk_last"
refuse "CPU $lwk_last|assigned" ihkconfig 0 release cpu "$lwk_last"
refuse 'only a CPU of Linux' ihkosctl "$os" set ikc_map "$lwk_cpus:$lwk_last"
refuse 'RUNNING|INACTIVE|not' ihkosctl "$os" shutdown
refuse 'RUNNING|INACTIVE|not' ihkosctl "$os" freeze
refuse 'RUNNING|INACTIVE|not' ihkosctl "$os" ping
expect_status "$os" INACTIVE

say "kernel arguments"
refuse '4096|4095|long' ihkosctl "$os" kargs "$(printf '%05000d' 0)"
ihkosctl "$os" kargs "$(printf '%04095d' 0)"
ihkosctl "$os" kargs test_hooks

say "an LWK that runs"
ihkosctl "$os" boot
refuse 'RUNNING' ihkosctl "$os" boot
refuse 'RUNNING' ihkconfig 0 destroy "$os"
refuse 'RUNNING' ihkosctl "$os" load "$image"
refuse 'RUNNING' ihkosctl "$os" kargs x
refuse 'RUNNING' ihkosctl "$os" release cpu "$lwk_last"
refuse 'RUNNING' ihkosctl "$os" release mem all
refuse 'RUNNING' ihkosctl "$os" thaw
refuse 'CPU 77|LWK CPU' ihkosctl "$os" ping --cpu 77
refuse 'mode' ihkosctl "$os" ping --mode fast
refuse 'count' ihkosctl "$os" ping --count 0
refuse 'frobnicate' ihkosctl "$os" test frobnicate
refuse 'frobnicate' ihkosctl "$os" frobnicate
refuse 'status' ihkosctl "$os" wait SLEEPING
ping_all "$os"
ihkosctl "$os" shutdown
ihkconfig 0 destroy "$os"
refuse "$os" ihkconfig 0 destroy "$os"
release_all

say "raw requests"
os=$(ihkconfig 0 create)
"$programs/bad_ioctl" "$os" > "$scratch/raw" || {
	cat "$scratch/raw"
	fail "raw requests"
}
expect_eq "instances" "$os" "$(ihkconfig 0 get os_instances)"
ihkconfig 0 destroy "$os"
test_end

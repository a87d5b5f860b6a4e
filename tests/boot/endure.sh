#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What an LWK may do without being stopped for it: take all of its memory, flood its
# log, send itself an NMI. And what its own leak check says afterwards.
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

free_mem() {
	ihkosctl "$os" query_free_mem --json | json '[0]["free"]'
}

leaks() {
	ihkosctl "$os" test --json leak-check | python3 -c '
import json, sys
print(*json.load(sys.stdin)[:2])'
}

test_begin
os_up "$lwk_cpus"
leaks > /dev/null
before=$(leaks)

say "fill-memory"
filled=$(ihkosctl "$os" test --json fill-memory $((0x5ca1ab1e5ca1ab1e)) | json '[0]')
[ "$filled" -gt $((32 << 20)) ] || fail "only $filled bytes were filled"
expect_eq "live objects and pages" "$before" "$(leaks)"
ping_all "$os"

say "log-flood: more than the log holds"
ihkosctl "$os" test log-flood 20000
ihkosctl "$os" kmsg --json > "$scratch/log"
[ "$(json '["lost"]' < "$scratch/log")" -gt 0 ] || fail "nothing was lost of 20000 lines"
expect_match "the log" '19999|20000' "$(json '["text"]' < "$scratch/log" | tail -n 5)"
expect_eq "lines of a wrong form" 0 "$(json '["text"]' < "$scratch/log" |
	sed -e 1d -e '/^$/d' | grep -Evc '^<[0-7]>\[ *[0-9]+\.[0-9]{6}\] cpu[0-9]+ ')"

say "an NMI"
ihkosctl "$os" test nmi
expect_eq "NMIs" 1 "$(ihkosctl "$os" monitor --json | json '[0]["nmis"]')"
expect_status "$os" RUNNING
expect_eq "live objects and pages" "$before" "$(leaks)"

say "without the kernel argument there are no such tests"
ihkosctl "$os" shutdown
ihkosctl "$os" kargs ""
ihkosctl "$os" boot
refuse 'test_hooks' ihkosctl "$os" test panic
expect_status "$os" RUNNING
os_down "$os"
release_all
test_end

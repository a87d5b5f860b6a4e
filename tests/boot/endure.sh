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
ihkosctl "$os" test log-flood 30000
ihkosctl "$os" kmsg --json > "$scratch/log"
[ "$(json '["lost"]' < "$scratch/log")" -gt 0 ] || fail "nothing was lost of 30000 lines"
python3 - "$scratch/log" << 'END'
import json, re, sys
with open(sys.argv[1], encoding="utf-8") as log:
    lines = json.load(log)["lines"]
assert "line 30000 of 30000" in lines[-1], lines[-1]
# The first one may be the end of a line whose beginning is lost.
for line in lines[1:]:
    assert re.match(r"<[0-7]>\[ *\d+\.\d{6}\] cpu\d+ \w+: ", line), line
END

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

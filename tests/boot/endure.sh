#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What an LWK may do without being stopped for it: take all of its memory, flood its
# log, send itself an NMI. And what its own leak check says afterwards.
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

free_mem() {
	ihkosctl "$os" query_free_mem --json | json_number free | sed -n 1p
}

# What the command before left may go only now: fewer is well.
expect_no_more() {
	local live

	live=$(lwk_objects "$os")
	[ "${live% *}" -le "${before% *}" ] && [ "${live#* }" -le "${before#* }" ] ||
		fail "live objects and pages: $before before, $live after"
}

# The first commands leave things for later; nothing is started until two looks agree.
look_until_settled() {
	local last=

	before=$(lwk_objects "$os")
	until [ "$before" = "$last" ]; do
		last=$before
		before=$(lwk_objects "$os")
	done
}

test_begin
os_up "$lwk_cpus"
look_until_settled

say "fill-memory"
filled=$(ihkosctl "$os" test --json fill-memory $((0x5ca1ab1e5ca1ab1e)) | json_items | sed -n 1p)
[ "$filled" -gt $((32 << 20)) ] || fail "only $filled bytes were filled"
expect_no_more
ping_all "$os"

say "log-flood: more than the log holds"
ihkosctl "$os" test log-flood 30000
ihkosctl "$os" kmsg --json > "$scratch/log"
[ "$(json_number lost < "$scratch/log")" -gt 0 ] || fail "nothing was lost of 30000 lines"
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
expect_eq "NMIs" 1 "$(ihkosctl "$os" monitor --json | json_number nmis | sed -n 1p)"
expect_status "$os" RUNNING
expect_no_more

say "without the kernel argument there are no such tests"
ihkosctl "$os" shutdown
ihkosctl "$os" kargs ""
ihkosctl "$os" boot
refuse 'test_hooks' ihkosctl "$os" test panic
expect_status "$os" RUNNING
os_down "$os"
release_all
test_end

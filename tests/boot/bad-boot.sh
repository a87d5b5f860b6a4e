#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Images that load well and fail at their first instructions, when the LWK has no traps yet:
# the boot fails with a sentence, is undone, and the good image boots afterwards. They
# are made by guest/bad_image.py.
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

test_begin boot_timeout_s=1
os_new "$lwk_cpus"
for kind in $("$tree/tests/guest/bad_image.py" --list-code); do
	say "an image that $kind"
	"$tree/tests/guest/bad_image.py" "$kind" "$image" "$scratch/bad.img"
	ihkosctl "$os" load "$scratch/bad.img"
	refuse 'did not come up within 1 s' ihkosctl "$os" boot
	expect_status "$os" INACTIVE
	expect_log_clean
	ihkosctl "$os" load "$image"
	echo 60 > /sys/module/ihk/parameters/boot_timeout_s
	ihkosctl "$os" boot
	echo 1 > /sys/module/ihk/parameters/boot_timeout_s
	ping_all "$os" 3
	ihkosctl "$os" shutdown
done
os_down "$os"
release_all
test_end

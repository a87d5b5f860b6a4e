#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# LWK images that are damaged, hostile or of another build: refused when loaded, each with
# a sentence. The images are made from the good one by guest/bad_image.py.
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

test_begin
os_new "$lwk_cpus"
"$tree/tests/guest/bad_image.py" --list > "$scratch/kinds"
while IFS=: read -r kind pattern; do
	"$tree/tests/guest/bad_image.py" "$kind" "$image" "$scratch/bad.img"
	refuse "$scratch/bad.img: .*($pattern)" ihkosctl "$os" load "$scratch/bad.img"
done < "$scratch/kinds"
rm -f "$scratch/bad.img"

say "files that are no files"
refuse 'no such file' ihkosctl "$os" load "$scratch/absent"
refuse 'not a regular file' ihkosctl "$os" load "$scratch"
refuse 'not a regular file|empty' ihkosctl "$os" load /dev/null

say "the image loaded before is still the good one"
ihkosctl "$os" boot
ping_all "$os"
os_down "$os"
release_all
test_end

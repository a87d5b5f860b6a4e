#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Seeded random requests by root and by an ordinary user, with and without an LWK that
# runs: both kernels live on, and everything can be given back.
#
#   fuzz.sh ROUNDS SEED...
# shellcheck source=tests/boot/lib.sh
. "$(dirname "$0")/lib.sh"

rounds=${1:-2000}
shift || true
seeds=${*:-1 2 3}

# as_nobody COMMAND...: a user and group that owns nothing.
as_nobody() {
	setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
}

# What was reserved by chance goes back, whatever state it is in.
give_back() {
	local one

	for one in $(instances); do
		os_down "$one"
	done
	release_all
	expect_nothing_reserved
	expect_eq "the set of online CPUs" "$linux_cpus" "$(online_cpus)"
	expect_log_clean
}

fuzz() {
	"$programs/ioctl_fuzz" "$@"
}

test_begin gid=65534
for seed in $seeds; do
	say "seed $seed, root, an empty machine"
	os=$(ihkconfig 0 create)
	fuzz "$seed" "$rounds" /dev/mcd0 "/dev/mcos$os"
	give_back

	say "seed $seed, nobody, an LWK that runs"
	os_up "$lwk_cpus"
	as_nobody "$programs/ioctl_fuzz" "$seed" "$rounds" /dev/mcd0 "/dev/mcos$os"
	expect_status "$os" RUNNING
	ping_all "$os"
	expect_eq "instances" "$os" "$(ihkconfig 0 get os_instances)"

	say "seed $seed, root, the same LWK"
	fuzz "$seed" "$rounds" /dev/mcd0 "/dev/mcos$os"
	give_back
done

say "the machine still serves"
os_up "$lwk_cpus"
ping_all "$os"
os_down "$os"
release_all
test_end

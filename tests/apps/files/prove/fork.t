# SPDX-License-Identifier: GPL-2.0-only
# Children of a test: their results by pipes, in any order of their ends.
use strict;
use warnings;
use Test::More tests => 7;

my %sums;
for my $n (1 .. 3) {
	pipe(my $read, my $write) or die;
	my $pid = fork // die;
	if (!$pid) {
		my $sum = 0;
		$sum += $_ for 1 .. 1000 * $n;
		print $write $sum;
		close $write;
		# Not the end of the test: that is its parent's.
		require POSIX;
		POSIX::_exit($n);
	}
	close $write;
	$sums{$pid} = [$n, $read];
}
while ((my $pid = wait) > 0) {
	my ($n, $read) = @{$sums{$pid}};
	is($? >> 8, $n, 'status');
	is(scalar <$read>, 500 * $n * (1000 * $n + 1), 'sum');
}
is(`echo text`, "text\n", 'a program');

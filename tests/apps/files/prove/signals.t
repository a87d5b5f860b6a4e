# SPDX-License-Identifier: GPL-2.0-only
# Signals between a test and its child.
use strict;
use warnings;
use Test::More tests => 3;

my $came = 0;
$SIG{USR1} = sub { $came++ };
pipe(my $read, my $write) or die;
my $pid = fork // die;
if (!$pid) {
	$SIG{TERM} = sub { kill USR1 => getppid; kill KILL => $$ };
	syswrite $write, 'r';
	sleep 1 while 1;
}
sysread $read, my $ready, 1;
kill TERM => $pid;
waitpid $pid, 0;
is($came, 1, 'from the child');
is($? & 127, 9, 'killed');
is(system('kill -9 $$') & 127, 9, 'a shell, too');

# SPDX-License-Identifier: GPL-2.0-only
# Perl: children, sockets between them, signals, threads with a queue.
use strict;
use warnings;
use threads;
use threads::shared;
use IO::Socket::INET;
use Socket;

$| = 1;
socketpair(my $ours, my $theirs, AF_UNIX, SOCK_STREAM, PF_UNSPEC) or die;
my $pid = fork // die;
if (!$pid) {
	close $ours;
	print $theirs "from the child\n";
	close $theirs;
	exit 3;
}
close $theirs;
print <$ours>;
waitpid $pid, 0;
print "status ", $? >> 8, "\n";

my $server = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1') or die;
my @clients = map {
	my $n = $_;
	my $client = fork // die;
	if (!$client) {
		my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
			PeerPort => $server->sockport) or die;
		print $s "$n\n";
		print scalar <$s>;
		exit 0;
	}
	$client;
} 1 .. 2;
my $sum = 0;
for (@clients) {
	my $s = $server->accept;
	$sum += <$s>;
	print $s "ok\n";
	close $s;
}
waitpid $_, 0 for @clients;
print "sum $sum\n";

my $caught = 0;
$SIG{USR1} = sub { $caught++ };
kill 'USR1', $$;
print "caught $caught\n";
print "from a pipe: ", scalar(my @lines = `seq 100`), "\n";

my @queue : shared = ();
my @workers = map {
	threads->create(sub {
		my $got = 0;
		while (1) {
			lock(@queue);
			cond_wait(@queue) until @queue;
			my $item = shift @queue;
			return $got if $item < 0;
			$got += $item;
		}
	});
} 1 .. 2;
for my $item (1 .. 20, -1, -1) {
	lock(@queue);
	push @queue, $item;
	cond_signal(@queue);
}
my $total = 0;
$total += $_->join for @workers;
print "threads $total\n";

# SPDX-License-Identifier: GPL-2.0-only
# Tcl: a server and a client in one event loop, programs in pipes, timers.
proc accept {socket address port} {
	puts $socket "from the server"
	close $socket
}

set server [socket -server accept -myaddr 127.0.0.1 0]
set client [socket 127.0.0.1 [lindex [fconfigure $server -sockname] 2]]
fileevent $client readable {
	puts [gets $client]
	close $client
	set done 1
}
vwait done
puts [exec sh -c {echo text | tr a-z A-Z}]
set sorter [open "|sort" r+]
puts $sorter "b\na"
close $sorter write
puts [read $sorter]
close $sorter
puts [catch {exec sh -c {exit 3}} message options]
puts [lindex [dict get $options -errorcode] 2]
after 10 {set timer "timer"}
vwait timer
puts $timer

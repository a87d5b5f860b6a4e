# SPDX-License-Identifier: GPL-2.0-only
# Tcl: threads that wait for each other and send scripts, and a pool of them that executes programs.
package require Thread

set pool [tpool::create -minworkers 3 -maxworkers 3]
foreach n {1 2 3 4 5 6} {
	lappend jobs [tpool::post $pool "exec sh -c {echo $n | tr 1-6 a-f; exit 0}"]
}
foreach job $jobs {
	tpool::wait $pool $job
	puts [tpool::get $pool $job]
}
set job [tpool::post $pool {exec sh -c {exit 4}}]
tpool::wait $pool $job
puts [catch {tpool::get $pool $job} message options]
puts [lrange [dict get $options -errorcode] 2 2]
tpool::release $pool

set mutex [thread::mutex create]
set cond [thread::cond create]
tsv::set shared turn 0
foreach n {0 1 2} {
	lappend threads [thread::create -joinable [string map "N $n M $mutex C $cond" {
		thread::mutex lock M
		for {set i 0} {$i < 5} {incr i} {
			while {[tsv::get shared turn] % 3 != N} {
				thread::cond wait C M
			}
			tsv::append shared order N
			tsv::incr shared turn
			thread::cond notify C
		}
		thread::mutex unlock M
	}]]
}
foreach thread $threads {
	thread::join $thread
}
puts [tsv::get shared order]

set thread [thread::create]
puts [thread::send $thread {expr {6 * 7}}]
thread::send -async $thread {exec echo asynchronous} answer
vwait answer
puts $answer
thread::release -wait $thread

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Two writers of one SQLite database at once.
sqlite3 db 'CREATE TABLE t(a)'
for i in 1 2; do
	for j in 1 2 3; do
		sqlite3 -cmd '.timeout 60000' db "INSERT INTO t VALUES($i * 10 + $j)"
	done &
done
wait
sqlite3 db 'SELECT count(*), sum(a) FROM t; PRAGMA integrity_check'

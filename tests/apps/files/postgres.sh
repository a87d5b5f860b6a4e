#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A PostgreSQL cluster made, served and used by $RUN: what is in it afterwards, not how fast.
# Nothing is synced to the disk, which the machine throws away anyway; for compiling queries it
# has no LLVM.
PATH=/usr/lib/postgresql/15/bin:$PATH
export PGHOST="$PWD" PGDATABASE=postgres PGUSER=postgres

$RUN initdb -D data -A trust -U postgres --no-locale -E UTF8 --no-sync > said 2>&1 || cat said
echo "autovacuum=off
fsync=off
jit=off
listen_addresses=''
shared_buffers=8MB" >> data/postgresql.conf
$RUN pg_ctl -D data -l log -w -o "-k $PWD" start > said || cat said log

psql -q <<'SQL'
CREATE TABLE account AS SELECT i AS id, 1000 AS balance FROM generate_series(1, 10) AS i;
CREATE TABLE history(client int, amount int);
CREATE TABLE many AS SELECT i, md5(i::text) AS text FROM generate_series(1, 5000) AS i;
SQL
cat > transfer <<'SQL'
\set a random(1, 10)
\set b random(1, 10)
\set amount random(1, 100)
BEGIN;
SELECT count(*) FROM (SELECT FROM account WHERE id IN (:a, :b) ORDER BY id FOR UPDATE) AS rows;
UPDATE account SET balance = balance - :amount WHERE id = :a;
UPDATE account SET balance = balance + :amount WHERE id = :b;
INSERT INTO history VALUES (:client_id, :amount);
END;
SQL
$RUN pgbench -n -c 4 -j 2 -t 10 -f transfer 2>&1 | grep -e actually -e failed -e rror
# The last query is two workers' and the server's, in shared memory made for it.
psql -A -t <<'SQL'
SELECT client, count(*) FROM history GROUP BY client ORDER BY client;
SELECT sum(balance), count(*) FROM account;
SET force_parallel_mode = on;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
EXPLAIN (ANALYZE, COSTS off, TIMING off, SUMMARY off) SELECT count(*) FROM many WHERE text < '8';
SELECT count(*) FROM many WHERE text < '8';
SQL
$RUN pg_ctl -D data -m fast -w stop > said || cat said log
# A session whose client has gone may not have noticed yet.
grep -e ERROR -e FATAL -e PANIC log | grep -v 'terminating connection due to administrator command'
rm -r data log said transfer

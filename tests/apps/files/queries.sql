-- SPDX-License-Identifier: GPL-2.0-only
CREATE TABLE item(id INTEGER PRIMARY KEY, name TEXT, price REAL);
CREATE INDEX by_name ON item(name);
BEGIN;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 3000)
	INSERT INTO item SELECT i, 'item' || (i * 7919 % 3001), i * 1.25 FROM n;
COMMIT;
SELECT count(*), sum(price), min(name), max(name) FROM item;
SELECT name, price FROM item WHERE name LIKE 'item12%' ORDER BY name LIMIT 5;
BEGIN;
DELETE FROM item WHERE id % 2;
SELECT count(*) FROM item;
ROLLBACK;
SELECT count(*) FROM item;
UPDATE item SET price = price * 2 WHERE id <= 10;
SELECT group_concat(price, ' ') FROM item WHERE id <= 10;
CREATE TABLE tag(item INTEGER REFERENCES item, word TEXT, UNIQUE(item, word));
INSERT INTO tag SELECT id, 'even' FROM item WHERE id % 2 = 0;
INSERT OR IGNORE INTO tag SELECT id, 'even' FROM item WHERE id % 4 = 0;
SELECT word, count(*) FROM tag JOIN item ON tag.item = item.id GROUP BY word;
INSERT INTO item VALUES(1, 'again', 0);
SELECT hex(zeroblob(8)), upper('abc'), length(randomblob(100000)), 7 / 2, 7 / 2.0;
DELETE FROM item WHERE id > 100;
VACUUM;
SELECT count(*) FROM item;

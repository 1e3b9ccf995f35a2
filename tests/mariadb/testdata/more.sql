-- an outer join filtered
SELECT i.instance_id, COUNT(n.ip) AS n FROM instances i LEFT JOIN nodes n ON n.instance_id = i.instance_id AND n.heartbeat_port > 9050 GROUP BY i.instance_id HAVING n < 2 ORDER BY n DESC, 1
-- a subquery in ON
SELECT i.instance_id, c.cluster_id FROM instances i LEFT JOIN clusters c ON c.instance_id = i.instance_id AND c.node_count = (SELECT MAX(node_count) FROM clusters x WHERE x.instance_id = i.instance_id) ORDER BY 1, 2
-- three levels of correlation
SELECT instance_id FROM instances i WHERE EXISTS (SELECT 1 FROM clusters c WHERE c.instance_id = i.instance_id AND EXISTS (SELECT 1 FROM nodes n WHERE n.cluster_id = c.cluster_id AND n.instance_id = i.instance_id AND n.heartbeat_port = 9060))
-- an aggregate of an outer column
SELECT instance_id, (SELECT SUM(c.node_count) FROM clusters c WHERE c.instance_id = i.instance_id) AS s FROM instances i ORDER BY 1
-- a derived table of a union
SELECT kind, COUNT(*) FROM (SELECT 'c' AS kind FROM clusters UNION ALL SELECT 'n' FROM nodes UNION ALL SELECT 'i' FROM instances) t GROUP BY kind ORDER BY kind
-- an aggregate over a derived aggregate
SELECT MAX(n), MIN(n), SUM(n) FROM (SELECT COUNT(*) AS n FROM nodes GROUP BY instance_id) t
-- a CTE over a window
WITH r AS (SELECT instance_id, cluster_id, RANK() OVER (PARTITION BY instance_id ORDER BY node_count DESC, cluster_id) AS k FROM clusters) SELECT instance_id, GROUP_CONCAT(cluster_id ORDER BY k) FROM r GROUP BY instance_id ORDER BY 1
-- COUNT of a comparison
SELECT COUNT(node_count > 1), SUM(node_count > 1), SUM(node_count > 1) = 2 FROM clusters
-- GROUP BY a condition
SELECT node_count > 0 AS busy, COUNT(*) FROM instances GROUP BY busy ORDER BY busy
-- GROUP BY CASE
SELECT CASE WHEN node_count = 0 THEN 'none' ELSE 'some' END AS k, COUNT(*) FROM instances GROUP BY k ORDER BY k
-- GROUP BY a date
SELECT DATE_FORMAT(create_time, '%Y') = YEAR(NOW()) AS this_year, COUNT(*) FROM instances GROUP BY this_year
-- ORDER BY FIELD
SELECT instance_id FROM instances ORDER BY FIELD(instance_id, 'gamma', 'alpha') DESC, instance_id
-- ORDER BY a condition
SELECT instance_id FROM instances ORDER BY status = 'OVERDUE' DESC, instance_id
-- ORDER BY a column that is not selected
SELECT name FROM instances ORDER BY instance_id DESC
-- DISTINCT with ORDER BY of an expression
SELECT DISTINCT LENGTH(ip) AS l FROM nodes ORDER BY l
-- LIMIT in a union member
(SELECT ip FROM nodes ORDER BY ip LIMIT 2) UNION (SELECT ip FROM nodes ORDER BY ip DESC LIMIT 2) ORDER BY ip
-- NULL in a union of numbers
SELECT 1 AS x UNION ALL SELECT NULL UNION ALL SELECT 2 ORDER BY x
-- GROUP_CONCAT by an expression
SELECT GROUP_CONCAT(UPPER(cluster_id) ORDER BY LENGTH(cluster_name), instance_id, cluster_id SEPARATOR '') FROM clusters
-- GROUP_CONCAT of numbers by number
SELECT GROUP_CONCAT(node_count ORDER BY node_count DESC, instance_id, cluster_id) FROM clusters
-- GROUP_CONCAT of a CASE
SELECT GROUP_CONCAT(DISTINCT CASE WHEN node_count > 1 THEN 'many' ELSE 'few' END ORDER BY 1 SEPARATOR '/') FROM clusters
-- MAX of a text and a time
SELECT MAX(name), MAX(LENGTH(name)), MIN(create_time) <= MAX(create_time) FROM instances
-- numbers as texts in functions
SELECT LENGTH(12345), LEFT(12345, 2), CONCAT(1 + 1, '!'), REPEAT(7, 3), LPAD(5, 3, 0), REVERSE(123), SUBSTRING(12345, 2, 2)
-- texts as numbers in functions
SELECT ABS('-3.5'), ROUND('2.567', 1), FLOOR('7.9x'), MOD('7', 4), SQRT('16'), POW('2', '3')
-- NULL in functions
SELECT CONCAT_WS(',', NULL, NULL), LENGTH(NULL), GREATEST(1, NULL), FIELD(NULL, 1), ELT(NULL, 'a'), FIND_IN_SET(NULL, 'a'), REPLACE('a', NULL, 'b'), ROUND(NULL), IFNULL(NULL, NULL), LPAD('a', NULL, 'b')
-- TRUE and FALSE in comparisons
SELECT TRUE = 'true', FALSE = 'x', TRUE IN (1), TRUE <=> 1, TRUE > FALSE
-- nested IF
SELECT IF(node_count > 3, 'big', IF(node_count > 0, 'small', 'none')) AS size, COUNT(*) FROM instances GROUP BY size ORDER BY size
-- intervals of columns
SELECT COUNT(*) FROM instances WHERE create_time BETWEEN NOW() - INTERVAL 1 DAY AND NOW() + INTERVAL 1 DAY
-- an interval from a column
SELECT instance_id, DATE_ADD('2026-01-01', INTERVAL node_count DAY) FROM instances ORDER BY 1
-- times as text
SELECT CONCAT(DATE('2026-01-02 03:04:05'), 'T', TIME('2026-01-02 03:04:05')), LEFT('2026-01-02', 7), LENGTH(NOW())
-- TIMESTAMPDIFF of columns
SELECT COUNT(*) FROM history WHERE TIMESTAMPDIFF(MINUTE, time, NOW()) < 60 AND TIMESTAMPDIFF(YEAR, time, NOW()) = 0
-- comparing times with dates
SELECT CAST('2026-01-02 00:00:00' AS DATETIME) = '2026-01-02', CAST('2026-01-02' AS DATE) = '2026-01-02', CAST('2026-01-02' AS DATE) < '2026-01-03 00:00:00', CAST('2026-01-02 10:00:00' AS DATETIME) > '2026-01-02'
-- times as numbers
SELECT CAST('2026-01-02 03:04:05' AS DATETIME) + 0, UNIX_TIMESTAMP(CAST('2026-01-02' AS DATETIME))
-- rounding of halves
SELECT ROUND(-0.5), ROUND(25, -1), ROUND(35, -1), CAST(2.5 AS SIGNED), CAST('2.9' AS SIGNED), ROUND(1.005e0, 2)
-- division and remainder by negatives
SELECT 7 DIV -2, -7 DIV -2, 7 % -4, MOD(-7, -4), 5.5 DIV 2, 5.5e0 % 2
-- precedence of operators
SELECT 2 + 3 * 4 - 1, 10 - 2 - 3, 2 * 3 % 4, 1 | 2 & 3, 1 << 2 + 1, ~0 & 255, -2 * -3, NOT 0 + 1
-- BETWEEN of texts and NULL
SELECT 'b' BETWEEN 'a' AND NULL, 'b' NOT BETWEEN 'c' AND NULL, 5 BETWEEN '1' AND '10', '5' BETWEEN 1 AND 10
-- long texts
SELECT LENGTH(REPEAT('x', 70000)), RIGHT(REPEAT('ab', 40000), 3)
-- quotes in names
SELECT 1 AS `a``b`, 2 AS "c d", 3 AS 'e', 4 `select`
-- unicode in names and texts
SELECT '东京' AS `名`, 'Ünï' AS ü, LENGTH('😀') AS l, CHAR_LENGTH('😀') AS c, REVERSE('a😀') AS r
-- unicode in WHERE
SELECT instance_id FROM instances WHERE name LIKE '东京%' AND name LIKE '%ÜNÏ'
-- special characters in WHERE
SELECT instance_id FROM instances WHERE name = 'it''s 100%_\\'
-- an empty IN
SELECT COUNT(*) FROM instances WHERE instance_id IN (SELECT instance_id FROM stages)
-- a self join of a CTE
WITH n AS (SELECT instance_id, COUNT(*) AS k FROM nodes GROUP BY instance_id) SELECT a.instance_id, b.instance_id FROM n a JOIN n b ON a.k = b.k AND a.instance_id < b.instance_id ORDER BY 1, 2
-- a recursive CTE of texts
WITH RECURSIVE p (s, n) AS (SELECT CAST('a' AS CHAR(10)), 1 UNION ALL SELECT CONCAT(s, 'b'), n + 1 FROM p WHERE n < 4) SELECT s FROM p ORDER BY n
-- row comparisons of order
SELECT (1, 2) < (1, 3), (2, 1) > (1, 9), (1, NULL) = (1, 2), (1, NULL) = (2, NULL), (1, 2) <=> (1, 2), (1, 2) <> (1, 3)
-- EXISTS with a LIMIT
SELECT EXISTS (SELECT 1 FROM nodes LIMIT 0), EXISTS (SELECT NULL)
-- a scalar subquery with LIMIT
SELECT (SELECT cluster_id FROM clusters ORDER BY instance_id, cluster_id LIMIT 1), (SELECT cluster_id FROM clusters ORDER BY instance_id, cluster_id LIMIT 1 OFFSET 1)
-- a scalar subquery of a union
SELECT (SELECT 1 UNION SELECT 1), 1 + (SELECT COUNT(*) FROM instances) * 2
-- IN with a row subquery and NULL
SELECT COUNT(*) FROM nodes WHERE (heartbeat_port, edit_log_port) IN (SELECT heartbeat_port, edit_log_port FROM nodes)
-- parameters and functions
-- with ["alp", "ALPHA", 2]
SELECT UPPER(?), LEFT(?, ?) FROM DUAL
-- a parameter as a number of texts
-- with ["2"]
SELECT COUNT(*) FROM instances WHERE node_count > ?
-- a parameter that is a number against a text column
-- with [9050]
SELECT COUNT(*) FROM nodes WHERE CONCAT(heartbeat_port) = ?
-- a parameter of a double
-- with [2.5e0]
SELECT COUNT(*) FROM instances WHERE node_count > ?

-- comparisons with NULL
SELECT NULL = NULL, NULL <=> NULL, 1 <=> NULL, NULL IS NULL, 1 IS NOT NULL, NULL <> 1, NULL > 1
-- AND, OR and NOT with NULL
SELECT NULL AND 0, NULL AND 1, NULL OR 1, NULL OR 0, NOT NULL, NULL XOR 1, 1 XOR 1, 1 XOR 0
-- IS TRUE and the like
SELECT 1 IS TRUE, 0 IS TRUE, NULL IS TRUE, NULL IS NOT FALSE, NULL IS UNKNOWN, 2 IS TRUE, 'a' IS TRUE
-- texts as truth
SELECT 'a' AND 1, '1' AND 1, '0' OR 0, NOT 'a', NOT '1x', IF('abc', 1, 2), IF('1', 1, 2), IF(0.5, 1, 2)
-- a text column as truth
SELECT COUNT(*) FROM instances WHERE name
-- IN with NULL
SELECT 1 IN (1, NULL), 2 IN (1, NULL), 2 NOT IN (1, NULL), NULL IN (1), 1 IN (1, 2, 3)
-- BETWEEN
SELECT 2 BETWEEN 1 AND 3, 2 NOT BETWEEN 1 AND 3, NULL BETWEEN 1 AND 2, 'b' BETWEEN 'A' AND 'C', 5 BETWEEN 3 AND 1
-- a text and a number
SELECT 1 = '1', 1 = '1x', '10' > 9, '10' > '9', 'a' = 0, 1 = ' 1 ', '1e1' = 10, '0x10' = 16
-- a column of texts and a number
SELECT instance_id FROM instances WHERE instance_id = 0 ORDER BY instance_id
-- a column of numbers and a text
SELECT cloud_unique_id FROM nodes WHERE heartbeat_port = '9050' ORDER BY 1
-- a column of numbers in texts
SELECT cloud_unique_id FROM nodes WHERE heartbeat_port IN ('9051', '9052') ORDER BY 1
-- a column of numbers between texts
SELECT cloud_unique_id FROM nodes WHERE heartbeat_port BETWEEN '9051' AND '9055' ORDER BY 1
-- numbers in texts
SELECT 1 IN ('1', '2'), '1' IN (1, 2), 'a' IN ('A', 'b'), '01' IN (1), '01' IN ('1')
-- a join of texts and numbers
SELECT COUNT(*) FROM nodes JOIN (SELECT '9050' AS port) p ON p.port = nodes.heartbeat_port
-- literals fold case
SELECT 'a' = 'A', 'é' = 'E', 'a' = 'a ', BINARY 'a' = 'A', 'a' = 'A' COLLATE utf8mb4_bin, 'a' < 'B', 'ß' = 's', 'Å' = 'a'
-- columns fold case by their collation
SELECT instance_id FROM instances WHERE name = 'ALPHA' ORDER BY 1
-- an exact column
SELECT instance_id FROM instances WHERE instance_id = 'ALPHA'
-- an exact column made to fold
SELECT instance_id FROM instances WHERE instance_id COLLATE utf8mb4_general_ci = 'ALPHA'
-- a folding column made exact
SELECT instance_id FROM instances WHERE BINARY name = 'alpha '
-- IN folds case
SELECT instance_id FROM instances WHERE name IN ('ALPHA', 'BETA') ORDER BY 1
-- IN of an exact column
SELECT instance_id FROM instances WHERE instance_id IN ('ALPHA', 'beta') ORDER BY 1
-- CASE with a value
SELECT instance_id, CASE status WHEN 'normal' THEN 'up' WHEN 'OVERDUE' THEN 'late' ELSE 'other' END AS s FROM instances ORDER BY 1
-- CASE with conditions
SELECT instance_id, CASE WHEN node_count > 3 THEN 'many' WHEN node_count > 0 THEN 'some' END AS s FROM instances ORDER BY 1
-- CASE of NULL
SELECT CASE NULL WHEN NULL THEN 1 ELSE 2 END, CASE WHEN NULL THEN 1 ELSE 2 END, CASE 1 WHEN '1' THEN 'same' ELSE 'other' END
-- LIKE
SELECT instance_id FROM instances WHERE name LIKE 'a%' ORDER BY 1
-- LIKE with one character
SELECT 'abc' LIKE 'a_c', 'ac' LIKE 'a_c', 'aéc' LIKE 'a_c', 'a' LIKE 'A', 'abc' NOT LIKE '%b%', 'abc' LIKE 'abc '
-- LIKE with escapes
SELECT 'a_b' LIKE 'a\_b', 'axb' LIKE 'a\_b', 'a%' LIKE 'a|%' ESCAPE '|', 'ab' LIKE 'a|%' ESCAPE '|', 'a\\b' LIKE 'a\\\\b'
-- LIKE of an exact column
SELECT instance_id FROM instances WHERE instance_id LIKE 'ALP%' OR instance_id LIKE 'D%'
-- LIKE of accents
SELECT 'é' LIKE 'E', 'É' LIKE 'é%', '东京' LIKE '东_'
-- LIKE of NULL and numbers
SELECT NULL LIKE 'a', 'a' LIKE NULL, 123 LIKE '1%', 123 LIKE 12
-- LIKE of a column with special characters
SELECT instance_id FROM instances WHERE name LIKE '%100\%\_%'
-- REGEXP
SELECT instance_id FROM instances WHERE name REGEXP '^(a|b)' ORDER BY 1
-- REGEXP classes
SELECT 'abc' REGEXP '^[a-c]+$', 'abc' RLIKE 'B', 'abc' NOT REGEXP 'x', 'a1' REGEXP '[[:digit:]]', NULL REGEXP 'a', 'a.b' REGEXP 'a\\.b'
-- REGEXP of an exact column
SELECT instance_id FROM instances WHERE instance_id REGEXP '^d' ORDER BY 1
-- IF, IFNULL, NULLIF and COALESCE
SELECT IF(1, 'y', 'n'), IF(NULL, 1, 2), IFNULL(NULL, 5), IFNULL('a', 5), NULLIF(1, 1), NULLIF('a', 'A'), NULLIF(1, 2), COALESCE(NULL, NULL, 'z')
-- GREATEST and LEAST
SELECT GREATEST(1, 3, 2), LEAST('b', 'a'), GREATEST('a', 'B'), LEAST(1, NULL), GREATEST('10', '9'), GREATEST(10, 9.5e0)
-- ISNULL
SELECT ISNULL(NULL), ISNULL(0)
-- an empty text is not NULL
SELECT instance_id, id, prefix = '', prefix IS NULL FROM object_stores ORDER BY instance_id, id
-- absent values
SELECT cluster_id, public_endpoint IS NULL, IFNULL(private_endpoint, '-') FROM clusters ORDER BY instance_id, cluster_id
-- operators bind as they should
SELECT 1 + 2 * 3, (1 + 2) * 3, NOT 1 = 2, 1 OR 0 AND 0, -2 + 1, 2 - -1, 1 = 1 = 1, 3 > 2 > 1, !1 + 1
-- parameters
-- with ["alpha", 1]
SELECT instance_id, name FROM instances WHERE instance_id = ? AND node_count > ?
-- parameters in IN
-- with ["alpha", "beta", "nosuch"]
SELECT instance_id FROM instances WHERE instance_id IN (?, ?, ?) ORDER BY 1
-- a parameter in LIKE
-- with ["%a"]
SELECT instance_id FROM instances WHERE instance_id LIKE ? ORDER BY 1
-- parameters in LIMIT
-- with [2, 1]
SELECT instance_id FROM instances ORDER BY instance_id LIMIT ? OFFSET ?
-- parameters that are selected
-- with ["it's", 7, null, 3]
SELECT ? AS a, ? + 1 AS b, ? IS NULL AS c, ? * 2 AS d
-- a number for a text parameter
-- with ["9050"]
SELECT cloud_unique_id FROM nodes WHERE heartbeat_port = ? ORDER BY 1
-- a parameter that is NULL
-- with [null]
SELECT COUNT(*) FROM nodes WHERE edit_log_port <=> ?
-- a parameter in a function
-- with ["-", "x"]
SELECT CONCAT_WS(?, instance_id, ?) AS c FROM instances ORDER BY c
-- NOT before comparisons
SELECT NOT 1 BETWEEN 2 AND 3, NOT NULL IS NULL, NOT 'a' LIKE 'b', NOT 0 IN (0, 1)
-- IS with comparisons
SELECT (1 = 1) IS TRUE, (NULL = 1) IS UNKNOWN, 1 IS NOT TRUE, '0' IS FALSE
-- a numeric column against an empty text
SELECT COUNT(*) FROM nodes WHERE heartbeat_port > ''
-- NULL in arithmetic
SELECT NULL + 1, 1 - NULL, NULL * 0, -NULL, NULL % 2, NULL DIV 1, NULL & 1, NULL << 1
-- comparing a boolean expression with a number
SELECT (node_count > 0) = 1, (name = 'Alpha') + 0 FROM instances ORDER BY instance_id
-- CASE of mixed types
SELECT CASE WHEN 1 THEN 1 ELSE 'a' END, CASE WHEN 0 THEN 1 ELSE 'a' END, IF(1, 2, 'b'), COALESCE(NULL, 1, 'a')
-- HAVING with a text and a number
SELECT status, COUNT(*) AS n FROM clusters GROUP BY status HAVING n > '1' ORDER BY status
-- a parameter of a text against a column of numbers in a range
-- with ["9051", "9060"]
SELECT cloud_unique_id FROM nodes WHERE heartbeat_port BETWEEN ? AND ? ORDER BY 1
-- parameters in CASE
-- with [1, "one", "other"]
SELECT instance_id, CASE node_count WHEN ? THEN ? ELSE ? END AS c FROM instances ORDER BY 1
-- a parameter against a time
-- with ["2020-01-01 00:00:00"]
SELECT COUNT(*) FROM history WHERE time > ?
-- DATE of a column against a text
SELECT COUNT(*) FROM history WHERE DATE(time) > '2020-1-1'
-- greater texts
SELECT 'b' > 'A', 'a' < 'B', 'Z' > 'a', '_' > 'a', 'a' > '_', 'ä' < 'b'
-- MIN and MAX of texts fold case
SELECT MIN(x), MAX(x) FROM (SELECT 'b' AS x UNION SELECT 'A' UNION SELECT 'C') t
-- an exact function of an exact column
SELECT COUNT(*) FROM instances WHERE CONCAT(instance_id, '') = 'ALPHA'
-- a folding function of a folding column
SELECT COUNT(*) FROM instances WHERE CONCAT(name, '') = 'ALPHA'
-- IF of an exact column
SELECT COUNT(*) FROM instances WHERE IF(1, instance_id, 'x') = 'ALPHA'
-- grouping by an exact column
SELECT user_id, COUNT(*) FROM instances GROUP BY user_id ORDER BY user_id
-- DISTINCT of an exact column
SELECT COUNT(DISTINCT user_id), COUNT(DISTINCT UPPER(user_id)), COUNT(DISTINCT name) FROM instances
-- a subquery in IN of a folding column
SELECT instance_id FROM instances WHERE name IN (SELECT 'ALPHA') ORDER BY 1
-- a subquery in IN of numbers in texts
SELECT COUNT(*) FROM nodes WHERE heartbeat_port IN (SELECT '9050')
-- a scalar subquery of an exact column
SELECT COUNT(*) FROM instances WHERE (SELECT 'ALPHA') = instance_id
-- a scalar subquery of a folding column
SELECT COUNT(*) FROM instances WHERE (SELECT MAX(cluster_name) FROM clusters WHERE cluster_id = 'c2') = 'COMPUTE_2'
-- an offset of many
SELECT COUNT(*) FROM (SELECT * FROM nodes ORDER BY cloud_unique_id LIMIT 3 OFFSET 2) t
-- the greatest of an exact column
SELECT COUNT(*) FROM instances WHERE instance_id = (SELECT MAX(instance_id) FROM instances) AND (SELECT MAX(instance_id) FROM instances) <> 'GAMMA'

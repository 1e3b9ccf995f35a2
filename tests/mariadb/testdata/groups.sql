-- COUNT of rows and of values
SELECT COUNT(*), COUNT(heartbeat_port), COUNT(DISTINCT heartbeat_port), COUNT(1) FROM nodes
-- COUNT of distinct texts
SELECT COUNT(DISTINCT cluster_name), COUNT(DISTINCT cluster_id), COUNT(DISTINCT instance_id, cluster_id) FROM clusters
-- COUNT of distinct values with NULL
SELECT COUNT(DISTINCT heartbeat_port, edit_log_port), COUNT(DISTINCT cluster_id, cluster_name) FROM nodes
-- MIN, MAX and SUM
SELECT MIN(heartbeat_port), MAX(heartbeat_port), SUM(heartbeat_port), MIN(ip), MAX(ip) FROM nodes
-- aggregates of nothing
SELECT COUNT(*), SUM(node_count), MIN(node_count), MAX(name), AVG(node_count) FROM instances WHERE 1 = 0
-- aggregates of times
SELECT MIN(create_time) = MAX(create_time) OR MIN(create_time) < MAX(create_time), MAX(create_time_unix) >= MIN(create_time_unix) FROM instances
-- GROUP BY
SELECT status, COUNT(*) FROM clusters GROUP BY status ORDER BY status
-- GROUP BY two columns
SELECT instance_id, type, COUNT(*), SUM(node_count) FROM clusters GROUP BY instance_id, type ORDER BY 1, 2
-- GROUP BY an alias
SELECT UPPER(type) AS t, COUNT(*) FROM clusters GROUP BY t ORDER BY t
-- GROUP BY a place
SELECT LEFT(ip, 4), COUNT(*) FROM nodes GROUP BY 1 ORDER BY 1
-- GROUP BY an expression
SELECT heartbeat_port DIV 10 AS tens, COUNT(*) FROM nodes GROUP BY heartbeat_port DIV 10 ORDER BY tens
-- GROUP BY folds case
SELECT COUNT(*), MIN(cluster_id) FROM clusters GROUP BY cluster_name ORDER BY COUNT(*), MIN(cluster_id), MIN(instance_id)
-- GROUP BY puts NULLs together
SELECT edit_log_port, COUNT(*) FROM nodes GROUP BY edit_log_port ORDER BY edit_log_port
-- HAVING on an aggregate
SELECT instance_id FROM clusters GROUP BY instance_id HAVING COUNT(*) > 1 ORDER BY 1
-- HAVING on an alias
SELECT instance_id, SUM(node_count) AS n FROM clusters GROUP BY instance_id HAVING n BETWEEN 1 AND 4 ORDER BY 1
-- HAVING without GROUP BY
SELECT COUNT(*) AS n FROM clusters HAVING n > 100
-- HAVING without a group
SELECT instance_id AS i FROM instances HAVING i = 'beta'
-- WHERE and HAVING
SELECT instance_id, COUNT(*) FROM nodes WHERE heartbeat_port IS NOT NULL GROUP BY instance_id HAVING MAX(heartbeat_port) > 9050
-- DISTINCT
SELECT DISTINCT type FROM clusters ORDER BY type
-- DISTINCT of two columns
SELECT DISTINCT type, status FROM clusters ORDER BY type, status
-- DISTINCT with LIMIT
SELECT DISTINCT instance_id FROM nodes ORDER BY instance_id LIMIT 2
-- DISTINCT folds case
SELECT COUNT(*) FROM (SELECT DISTINCT cluster_name FROM clusters) t
-- an expression over aggregates
SELECT instance_id, MAX(heartbeat_port) - MIN(heartbeat_port) + COUNT(*) FROM nodes GROUP BY instance_id ORDER BY instance_id
-- ORDER BY an aggregate
SELECT instance_id FROM nodes GROUP BY instance_id ORDER BY COUNT(*) DESC, instance_id
-- a conditional SUM
SELECT instance_id, SUM(status = 'NORMAL') AS up, SUM(IF(status = 'NORMAL', 0, 1)) AS down FROM clusters GROUP BY instance_id ORDER BY 1
-- a conditional COUNT
SELECT COUNT(CASE WHEN type = 'SQL' THEN 1 END), COUNT(IF(type = 'SQL', NULL, 1)) FROM clusters
-- SUM DISTINCT
SELECT SUM(DISTINCT heartbeat_port) FROM nodes
-- AVG rounded
SELECT CAST(ROUND(AVG(node_count)) AS SIGNED), FLOOR(AVG(node_count)) FROM clusters
-- BIT_OR, BIT_AND and BIT_XOR
SELECT BIT_OR(node_count), BIT_AND(node_count), BIT_XOR(node_count) FROM clusters
-- GROUP_CONCAT
SELECT instance_id, GROUP_CONCAT(cluster_id ORDER BY cluster_id) FROM clusters GROUP BY instance_id ORDER BY 1
-- GROUP_CONCAT with a separator
SELECT GROUP_CONCAT(cluster_id ORDER BY instance_id DESC, cluster_id DESC SEPARATOR '; ') FROM clusters
-- GROUP_CONCAT of distinct values
SELECT GROUP_CONCAT(DISTINCT type ORDER BY type DESC) FROM clusters
-- GROUP_CONCAT of distinct values with a separator
SELECT GROUP_CONCAT(DISTINCT type ORDER BY type SEPARATOR ' | ') FROM clusters
-- GROUP_CONCAT of several columns
SELECT GROUP_CONCAT(instance_id, ':', cluster_id ORDER BY instance_id, cluster_id SEPARATOR ' ') FROM clusters
-- GROUP_CONCAT leaves NULL out
SELECT GROUP_CONCAT(heartbeat_port ORDER BY heartbeat_port) FROM nodes
-- GROUP_CONCAT of nothing
SELECT GROUP_CONCAT(name) FROM instances WHERE 1 = 0
-- GROUP_CONCAT of distinct numbers
SELECT GROUP_CONCAT(DISTINCT node_count ORDER BY node_count DESC SEPARATOR '-') FROM clusters
-- ORDER BY two columns
SELECT instance_id, cluster_id FROM clusters ORDER BY cluster_id DESC, instance_id ASC
-- ORDER BY an alias that hides a column
SELECT instance_id, -node_count AS node_count FROM instances ORDER BY node_count, instance_id
-- ORDER BY an expression
SELECT ip FROM nodes ORDER BY LENGTH(ip) DESC, ip
-- NULLs come first
SELECT cloud_unique_id, edit_log_port FROM nodes ORDER BY edit_log_port, cloud_unique_id
-- NULLs come last in descending order
SELECT cloud_unique_id, edit_log_port FROM nodes ORDER BY edit_log_port DESC, cloud_unique_id
-- ORDER BY folds case
SELECT user_name, instance_id FROM cluster_users ORDER BY user_name, instance_id, cluster_id
-- ORDER BY by bytes
SELECT instance_id FROM instances ORDER BY instance_id
-- ORDER BY with a collation
SELECT name FROM instances ORDER BY name COLLATE utf8mb4_bin
-- LIMIT
SELECT instance_id FROM instances ORDER BY 1 LIMIT 2
-- LIMIT with OFFSET
SELECT instance_id FROM instances ORDER BY 1 LIMIT 2 OFFSET 3
-- LIMIT with a comma
SELECT instance_id FROM instances ORDER BY 1 LIMIT 1, 3
-- LIMIT beyond the end
SELECT instance_id FROM instances ORDER BY 1 LIMIT 100 OFFSET 4
-- LIMIT 0
SELECT instance_id FROM instances LIMIT 0
-- ORDER BY a place and NULL
SELECT NULL AS x, instance_id FROM instances ORDER BY 1, 2

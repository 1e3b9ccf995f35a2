-- ROW_NUMBER
SELECT instance_id, cluster_id, ROW_NUMBER() OVER (PARTITION BY instance_id ORDER BY cluster_id) AS r FROM clusters ORDER BY 1, r
-- RANK and DENSE_RANK
SELECT cloud_unique_id, RANK() OVER (ORDER BY heartbeat_port) AS r, DENSE_RANK() OVER (ORDER BY heartbeat_port) AS d FROM nodes ORDER BY 1
-- NTILE
SELECT instance_id, NTILE(2) OVER (ORDER BY instance_id) AS half FROM instances ORDER BY 1
-- PERCENT_RANK and CUME_DIST
SELECT instance_id, PERCENT_RANK() OVER (ORDER BY instance_id) AS p, CUME_DIST() OVER (ORDER BY instance_id) AS c FROM instances ORDER BY 1
-- LAG and LEAD
SELECT instance_id, LAG(instance_id) OVER (ORDER BY instance_id) AS before_it, LEAD(instance_id, 2) OVER (ORDER BY instance_id) AS after_it FROM instances ORDER BY 1
-- FIRST_VALUE and LAST_VALUE
SELECT instance_id, FIRST_VALUE(instance_id) OVER (ORDER BY instance_id) AS f, LAST_VALUE(instance_id) OVER (ORDER BY instance_id) AS l FROM instances ORDER BY 1
-- NTH_VALUE
SELECT instance_id, NTH_VALUE(instance_id, 2) OVER (ORDER BY instance_id) AS n FROM instances ORDER BY 1
-- a running SUM
SELECT instance_id, SUM(node_count) OVER (ORDER BY instance_id) AS total FROM instances ORDER BY 1
-- a SUM of a partition
SELECT instance_id, cluster_id, SUM(node_count) OVER (PARTITION BY instance_id) AS total, COUNT(*) OVER () AS everything FROM clusters ORDER BY 1, 2
-- a frame of rows
SELECT instance_id, SUM(node_count) OVER (ORDER BY instance_id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS near FROM instances ORDER BY 1
-- a frame that shrinks
SELECT instance_id, COUNT(*) OVER (ORDER BY instance_id ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS rest FROM instances ORDER BY 1
-- a frame by value
SELECT cloud_unique_id, COUNT(*) OVER (ORDER BY heartbeat_port RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) AS n FROM nodes WHERE heartbeat_port IS NOT NULL ORDER BY 1
-- a named window
SELECT instance_id, MIN(node_count) OVER w AS low, MAX(node_count) OVER w AS high FROM instances WINDOW w AS (ORDER BY instance_id ROWS UNBOUNDED PRECEDING) ORDER BY instance_id
-- a window over groups
SELECT instance_id, COUNT(*) AS n, RANK() OVER (ORDER BY COUNT(*) DESC) AS r FROM nodes GROUP BY instance_id ORDER BY 1
-- the first of each group
SELECT instance_id, cluster_id FROM (SELECT instance_id, cluster_id, ROW_NUMBER() OVER (PARTITION BY instance_id ORDER BY node_count DESC, cluster_id) AS r FROM clusters) t WHERE r = 1 ORDER BY 1
-- a difference to the row before
SELECT instance_id, node_count - LAG(node_count, 1) OVER (ORDER BY instance_id) AS d FROM instances ORDER BY 1

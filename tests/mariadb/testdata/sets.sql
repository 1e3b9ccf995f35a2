-- UNION
SELECT instance_id FROM clusters UNION SELECT instance_id FROM instances ORDER BY instance_id
-- UNION ALL
SELECT instance_id FROM instances UNION ALL SELECT instance_id FROM instances ORDER BY 1
-- UNION of numbers and texts
SELECT 1 AS x UNION SELECT 'a' ORDER BY x
-- UNION folds case
SELECT COUNT(*) FROM (SELECT 'a' AS x UNION SELECT 'A' UNION SELECT 'b') t
-- UNION with NULL
SELECT NULL AS x UNION SELECT NULL UNION SELECT 1 ORDER BY x
-- UNION takes the names of the first
SELECT 1 AS a, 2 AS b UNION SELECT 3 AS c, 4 AS d ORDER BY a
-- EXCEPT
SELECT instance_id FROM instances EXCEPT SELECT instance_id FROM nodes ORDER BY instance_id
-- INTERSECT
SELECT instance_id FROM instances INTERSECT SELECT instance_id FROM nodes ORDER BY 1
-- INTERSECT binds closer
SELECT 1 AS x UNION SELECT 2 INTERSECT SELECT 3 ORDER BY x
-- parentheses around members
(SELECT instance_id FROM instances ORDER BY 1 LIMIT 1) UNION ALL (SELECT instance_id FROM instances ORDER BY 1 DESC LIMIT 1) ORDER BY 1
-- UNION with LIMIT
SELECT instance_id FROM instances UNION SELECT cluster_id FROM clusters ORDER BY 1 DESC LIMIT 3 OFFSET 1
-- UNION in a derived table
SELECT COUNT(*) FROM (SELECT ip AS x FROM nodes UNION SELECT instance_id FROM instances) t
-- UNION in IN
SELECT name FROM instances WHERE instance_id IN (SELECT 'alpha' UNION SELECT 'beta') ORDER BY 1
-- UNION ALL after UNION
SELECT 1 AS x UNION SELECT 1 UNION ALL SELECT 1 ORDER BY x
-- UNION after UNION ALL
SELECT 1 AS x UNION ALL SELECT 1 UNION SELECT 1 ORDER BY x
-- UNION of times and texts
SELECT COUNT(*) FROM (SELECT create_time FROM instances UNION ALL SELECT 'never') t

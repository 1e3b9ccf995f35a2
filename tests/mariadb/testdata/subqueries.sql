-- a scalar subquery
SELECT instance_id, (SELECT COUNT(*) FROM nodes n WHERE n.instance_id = i.instance_id) AS n FROM instances i ORDER BY n DESC, 1
-- a scalar subquery without a row
SELECT (SELECT name FROM instances WHERE instance_id = 'nosuch')
-- IN a subquery
SELECT name FROM instances WHERE instance_id IN (SELECT instance_id FROM clusters WHERE status = 'SUSPENDED')
-- NOT IN a subquery
SELECT instance_id FROM instances WHERE instance_id NOT IN (SELECT instance_id FROM clusters) ORDER BY 1
-- NOT IN with a NULL in it
SELECT COUNT(*) FROM instances WHERE node_count NOT IN (SELECT edit_log_port FROM nodes)
-- EXISTS
SELECT instance_id FROM instances i WHERE EXISTS (SELECT 1 FROM clusters c WHERE c.instance_id = i.instance_id AND c.type = 'SQL')
-- NOT EXISTS
SELECT instance_id FROM instances i WHERE NOT EXISTS (SELECT * FROM nodes n WHERE n.instance_id = i.instance_id) ORDER BY instance_id
-- EXISTS as a value
SELECT EXISTS (SELECT 1 FROM clusters) AS yes, EXISTS (SELECT 1 FROM stages) AS no
-- = ANY
SELECT instance_id FROM instances WHERE instance_id = ANY (SELECT instance_id FROM nodes) ORDER BY 1
-- <> ALL
SELECT instance_id FROM instances WHERE instance_id <> ALL (SELECT instance_id FROM nodes) ORDER BY 1
-- > ALL
SELECT instance_id FROM instances WHERE node_count >= ALL (SELECT node_count FROM instances) ORDER BY 1
-- > ANY
SELECT instance_id FROM instances WHERE node_count > ANY (SELECT node_count FROM instances) ORDER BY 1
-- < SOME
SELECT cloud_unique_id FROM nodes WHERE heartbeat_port < SOME (SELECT heartbeat_port FROM nodes WHERE instance_id = 'beta') ORDER BY 1
-- ALL of nothing
SELECT 1 > ALL (SELECT node_count FROM instances WHERE 1 = 0) AS a, 1 > ANY (SELECT node_count FROM instances WHERE 1 = 0) AS b
-- ALL with a NULL
SELECT 5 > ALL (SELECT 1 UNION SELECT NULL) AS a, 0 > ALL (SELECT 1 UNION SELECT NULL) AS b, 5 > ANY (SELECT 1 UNION SELECT NULL) AS c, 0 > ANY (SELECT 1 UNION SELECT NULL) AS d
-- row values in a list
SELECT name FROM instances WHERE (instance_id, status) IN (('beta', 'NORMAL'), ('gamma', 'x')) ORDER BY 1
-- row values in a subquery
SELECT cluster_name FROM clusters WHERE (instance_id, cluster_id) IN (SELECT instance_id, cluster_id FROM nodes) ORDER BY instance_id, cluster_id
-- row values compared
SELECT instance_id FROM instances WHERE (instance_id, name) = ('beta', 'BETA')
-- a row against a subquery
SELECT instance_id FROM instances WHERE (instance_id, node_count) = (SELECT instance_id, COUNT(*) FROM nodes WHERE instance_id = 'beta' GROUP BY instance_id)
-- a derived table
SELECT t.n * 2 FROM (SELECT COUNT(*) AS n FROM clusters) AS t WHERE t.n > 5
-- a derived table in a derived table
SELECT a FROM (SELECT a FROM (SELECT 1 AS a UNION ALL SELECT 2) x WHERE a > 1) y
-- a derived table with a limit
SELECT instance_id FROM (SELECT instance_id FROM instances ORDER BY instance_id LIMIT 2) t ORDER BY instance_id DESC
-- a subquery in the select list of a group
SELECT instance_id, COUNT(*), (SELECT MAX(ip) FROM nodes n WHERE n.instance_id = c.instance_id) FROM clusters c GROUP BY instance_id ORDER BY 1
-- a subquery in HAVING
SELECT instance_id, COUNT(*) AS n FROM nodes GROUP BY instance_id HAVING n >= (SELECT 2) ORDER BY 1
-- a subquery in ORDER BY
SELECT instance_id FROM instances i ORDER BY (SELECT COUNT(*) FROM nodes n WHERE n.instance_id = i.instance_id), instance_id
-- a CTE
WITH busy AS (SELECT instance_id, COUNT(*) AS n FROM nodes GROUP BY instance_id) SELECT instance_id, n FROM busy WHERE n > 1 ORDER BY instance_id
-- a CTE with column names
WITH busy (id, n) AS (SELECT instance_id, COUNT(*) FROM nodes GROUP BY instance_id) SELECT id, n FROM busy ORDER BY id
-- two CTEs
WITH a AS (SELECT 1 AS x), b AS (SELECT x + 1 AS y FROM a) SELECT x, y FROM a, b
-- a CTE twice
WITH x AS (SELECT 1 AS a UNION ALL SELECT 2) SELECT p.a AS pa, q.a AS qa FROM x p JOIN x AS q ON p.a < q.a
-- a recursive CTE
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT i FROM n ORDER BY i
-- a recursive CTE that ends by UNION
WITH RECURSIVE n (i) AS (SELECT 1 UNION SELECT (i + 1) % 4 FROM n) SELECT i FROM n ORDER BY i
-- a recursive CTE beside a table
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT instance_id, i FROM n JOIN instances WHERE node_count >= i ORDER BY instance_id, i
-- a CTE in a subquery
SELECT instance_id FROM instances WHERE node_count = (WITH m AS (SELECT MAX(node_count) AS x FROM instances) SELECT x FROM m) ORDER BY 1

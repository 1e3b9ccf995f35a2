-- an inner join
SELECT i.name, c.cluster_name, c.status FROM instances i JOIN clusters c ON c.instance_id = i.instance_id ORDER BY i.instance_id, c.cluster_id
-- an inner join of three tables
SELECT i.instance_id, c.cluster_id, n.ip, n.heartbeat_port FROM instances i JOIN clusters c ON c.instance_id = i.instance_id JOIN nodes n ON n.instance_id = c.instance_id AND n.cluster_id = c.cluster_id ORDER BY n.cloud_unique_id
-- a left join
SELECT i.instance_id, c.cluster_id FROM instances i LEFT JOIN clusters c ON c.instance_id = i.instance_id ORDER BY 1, 2
-- a left join finds what is missing
SELECT i.instance_id FROM instances i LEFT JOIN clusters c ON c.instance_id = i.instance_id WHERE c.cluster_id IS NULL
-- a left join with a condition in ON
SELECT i.instance_id, c.cluster_id FROM instances i LEFT JOIN clusters c ON c.instance_id = i.instance_id AND c.status = 'suspended' ORDER BY i.instance_id
-- a right join
SELECT c.cluster_id, i.instance_id FROM clusters c RIGHT JOIN instances i ON i.instance_id = c.instance_id ORDER BY 2, 1
-- a left join in a left join
SELECT i.instance_id, c.cluster_id, n.ip FROM instances i LEFT JOIN (clusters c LEFT JOIN nodes n ON n.cluster_id = c.cluster_id AND n.instance_id = c.instance_id) ON c.instance_id = i.instance_id ORDER BY 1, 2, 3
-- USING
SELECT instance_id, i.name, c.cluster_name FROM instances i JOIN clusters c USING (instance_id) ORDER BY 1, 3
-- USING with two columns
SELECT instance_id, cluster_id, ip FROM clusters JOIN nodes USING (instance_id, cluster_id) ORDER BY instance_id, cluster_id, ip
-- all columns of USING
SELECT * FROM (SELECT 1 a, 2 b) x JOIN (SELECT 1 a, 3 c) y USING (a)
-- all columns of a left join with USING
SELECT * FROM (SELECT 1 a, 2 b UNION SELECT 5, 6) x LEFT JOIN (SELECT 1 a, 3 c) y USING (a) ORDER BY a
-- USING in a right join
SELECT * FROM (SELECT 1 a, 2 b) x RIGHT JOIN (SELECT 1 a, 3 c UNION SELECT 7, 8) y USING (a) ORDER BY a
-- a natural join
SELECT * FROM (SELECT 1 a, 2 b) x NATURAL JOIN (SELECT 1 a, 3 c) y
-- a natural left join
SELECT * FROM (SELECT 1 a, 2 b UNION SELECT 4, 5) x NATURAL LEFT JOIN (SELECT 1 a, 3 c) y ORDER BY a
-- a natural join without a common column
SELECT * FROM (SELECT 1 a) x NATURAL JOIN (SELECT 2 b) y
-- a natural join of tables
SELECT COUNT(*) FROM cluster_users NATURAL JOIN (SELECT instance_id, cluster_id, node_count FROM clusters) k
-- a cross join
SELECT a.instance_id, b.instance_id FROM instances a CROSS JOIN instances b ORDER BY 1, 2
-- commas
SELECT COUNT(*) FROM instances a, clusters b, nodes c WHERE a.instance_id = b.instance_id AND b.cluster_id = c.cluster_id
-- a self join
SELECT a.cluster_id, b.cluster_id FROM clusters a JOIN clusters b ON a.instance_id = b.instance_id AND a.cluster_id < b.cluster_id ORDER BY 1, 2
-- a self join over texts that fold case
SELECT a.instance_id, b.instance_id FROM clusters a JOIN clusters b ON a.cluster_name = b.cluster_name ORDER BY 1, 2
-- exact columns do not fold case
SELECT a.instance_id, b.instance_id FROM instances a JOIN instances b ON a.user_id = b.user_id ORDER BY 1, 2
-- a folding and an exact column
SELECT COUNT(*) FROM instances a JOIN instances b ON a.instance_id = b.name AND a.name <> 'alpha '
-- a join on an expression
SELECT a.ip, b.ip FROM nodes a JOIN nodes b ON a.heartbeat_port = b.heartbeat_port + 1 ORDER BY 1, 2
-- a straight join
SELECT COUNT(*) FROM instances STRAIGHT_JOIN clusters ON clusters.instance_id = instances.instance_id
-- a table by database
SELECT roster.instances.name FROM roster.instances WHERE roster.instances.instance_id = 'alpha'
-- t.*
SELECT c.*, 1 AS one FROM clusters c WHERE c.instance_id = 'beta' ORDER BY cluster_id
-- a join with a derived table
SELECT i.instance_id, t.n FROM instances i JOIN (SELECT instance_id, COUNT(*) AS n FROM nodes GROUP BY instance_id) t USING (instance_id) ORDER BY t.n DESC, 1
-- all of a table
SELECT * FROM clusters ORDER BY instance_id, cluster_id
-- all of the nodes
SELECT * FROM nodes ORDER BY cloud_unique_id
-- all of the instances
SELECT * FROM instances ORDER BY instance_id
-- all of the object stores
SELECT * FROM object_stores ORDER BY instance_id, id
-- all of the history
SELECT * FROM history ORDER BY revision
-- all of the users
SELECT * FROM cluster_users ORDER BY instance_id, cluster_id, user_name
-- all of no stages
SELECT * FROM stages
-- all of the settings
SELECT * FROM settings ORDER BY name
-- all columns of USING, the shared ones first
SELECT * FROM (SELECT 2 b, 1 a) x JOIN (SELECT 3 c, 1 a) y USING (a)
-- a right join with USING and a condition
SELECT instance_id, c.cluster_id FROM clusters c RIGHT JOIN instances i USING (instance_id) WHERE i.node_count = 0 ORDER BY 1

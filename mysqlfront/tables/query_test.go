package tables_test

import (
	"strings"
	"testing"

	"roster/mysqlfront/tables"
)

// golden are queries and what MySQL answers to them.
var golden = []struct{ name, query, want string }{
	{"a constant", "SELECT 1", "1\n1"},
	{"labels as written", "select 1+1, 'a', Instance_ID, count( * ) from roster.instances where instance_id = 'alpha'", "1+1|a|Instance_ID|count( * )\n2|a|alpha|1"},
	{"a column list", "SELECT instance_id, name, status FROM roster.instances ORDER BY 1 DESC", "instance_id|name|status\ngamma|Gamma|NORMAL\nbeta|Beta|NORMAL\nalpha|Alpha|NORMAL"},
	{"texts fold case, ids do not", "SELECT COUNT(*) n, SUM(instance_id = 'ALPHA') x FROM roster.instances WHERE name = 'ALPHA '", "n|x\n1|0"},
	{"literals fold case", "SELECT 'a' = 'A', 'é' = 'E', BINARY 'a' = 'A', 'a' = 'A' COLLATE utf8mb4_bin", "'a' = 'A'|'é' = 'E'|BINARY 'a' = 'A'|'a' = 'A' COLLATE utf8mb4_bin\n1|1|0|0"},
	{"double quotes are texts", `SELECT "it's", 'a\'b', "a""b"`, "it's|a'b|a\"b\nit's|a'b|a\"b"},
	{"a join", "SELECT i.name, c.cluster_name FROM roster.instances i JOIN roster.clusters c ON c.instance_id = i.instance_id WHERE c.status = 'suspended' ORDER BY i.name", "name|cluster_name\nBeta|Cluster1\nGamma|Cluster1"},
	{"a left join", "SELECT i.instance_id, COUNT(c.cluster_id) AS n FROM roster.instances i LEFT JOIN roster.clusters c ON c.instance_id = i.instance_id AND c.status = 'SUSPENDED' GROUP BY i.instance_id ORDER BY n, 1", "instance_id|n\nalpha|0\nbeta|1\ngamma|1"},
	{"a right join", "SELECT c.cluster_id, i.instance_id FROM (SELECT * FROM roster.clusters WHERE instance_id = 'beta') c RIGHT JOIN roster.instances i ON i.instance_id = c.instance_id ORDER BY 2, 1", "cluster_id|instance_id\nNULL|alpha\nc0|beta\nc1|beta\nNULL|gamma"},
	{"USING", "SELECT instance_id, i.name, COUNT(*) FROM roster.instances i JOIN roster.nodes n USING (instance_id) GROUP BY instance_id ORDER BY 3 DESC LIMIT 1", "instance_id|name|COUNT(*)\ngamma|Gamma|6"},
	{"the columns of USING once", "SELECT * FROM (SELECT 1 a, 2 b) x JOIN (SELECT 1 a, 3 c) y USING (a)", "a|b|c\n1|2|3"},
	{"NATURAL", "SELECT * FROM (SELECT 1 a, 2 b) x NATURAL JOIN (SELECT 1 a, 3 c) y", "a|b|c\n1|2|3"},
	{"t.*", "SELECT y.* FROM (SELECT 1 a) x JOIN (SELECT 2 b, 3 c) y", "b|c\n2|3"},
	{"commas", "SELECT COUNT(*) FROM roster.instances a, roster.instances b, roster.instances c WHERE a.instance_id <> b.instance_id", "COUNT(*)\n18"},
	{"tables of the same name in two databases", "SELECT alpha.clusters.cluster_id, COUNT(*) FROM alpha.clusters, gamma.clusters GROUP BY 1", "cluster_id|COUNT(*)\nc0|3"},
	{"IN a subquery", "SELECT name FROM roster.instances WHERE instance_id IN (SELECT instance_id FROM roster.clusters WHERE cluster_id = 'c2')", "name\nGamma"},
	{"a correlated EXISTS", "SELECT name FROM roster.instances i WHERE NOT EXISTS (SELECT 1 FROM roster.clusters c WHERE c.instance_id = i.instance_id AND c.cluster_id = 'c1')", "name\nAlpha"},
	{"a scalar subquery", "SELECT instance_id, (SELECT COUNT(*) FROM roster.nodes n WHERE n.instance_id = i.instance_id) AS n FROM roster.instances i ORDER BY n DESC", "instance_id|n\ngamma|6\nbeta|4\nalpha|2"},
	{"= ANY", "SELECT 1 FROM roster.instances WHERE instance_id = ANY (SELECT 'beta')", "1\n1"},
	{"row values", "SELECT name FROM roster.instances WHERE (instance_id, status) IN (('beta', 'NORMAL'), ('gamma', 'x'))", "name\nBeta"},
	{"a derived table", "SELECT t.n FROM (SELECT COUNT(*) AS n FROM roster.clusters) AS t WHERE t.n > 5", "n\n6"},
	{"a CTE", "WITH busy (id, n) AS (SELECT instance_id, COUNT(*) FROM roster.nodes GROUP BY 1) SELECT id FROM busy WHERE n >= 4 ORDER BY id", "id\nbeta\ngamma"},
	{"two references to a CTE", "WITH x AS (SELECT 1 AS a UNION ALL SELECT 2) SELECT p.a, q.a FROM x p JOIN x AS q ON p.a < q.a", "a|a\n1|2"},
	{"a recursive CTE", "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4) SELECT SUM(i), COUNT(*) FROM n", "SUM(i)|COUNT(*)\n10|4"},
	{"a window", "SELECT instance_id, cluster_id, ROW_NUMBER() OVER (PARTITION BY instance_id ORDER BY cluster_id DESC) AS r FROM roster.clusters WHERE instance_id <> 'alpha' ORDER BY 1, r LIMIT 3", "instance_id|cluster_id|r\nbeta|c1|1\nbeta|c0|2\ngamma|c2|1"},
	{"a named window", "SELECT cluster_id, SUM(node_count) OVER w, LAG(cluster_id) OVER w FROM gamma.clusters WINDOW w AS (ORDER BY cluster_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)", "cluster_id|SUM(node_count) OVER w|LAG(cluster_id) OVER w\nc0|2|NULL\nc1|4|c0\nc2|6|c1"},
	{"GROUP BY folds case", "SELECT COUNT(*) FROM (SELECT 'a' x UNION ALL SELECT 'A' UNION ALL SELECT 'b') t GROUP BY UPPER(x) ORDER BY 1", "COUNT(*)\n1\n2"},
	{"HAVING on an alias", "SELECT instance_id, COUNT(*) AS n FROM roster.clusters GROUP BY instance_id HAVING n > 1 ORDER BY n", "instance_id|n\nbeta|2\ngamma|3"},
	{"HAVING without groups", "SELECT instance_id AS i FROM roster.instances HAVING i = 'beta'", "i\nbeta"},
	{"GROUP BY an alias", "SELECT LEFT(cluster_name, 7) AS p, COUNT(*) FROM roster.clusters GROUP BY p", "p|COUNT(*)\nCluster|6"},
	{"DISTINCT folds case", "SELECT DISTINCT x FROM (SELECT 'a' x UNION ALL SELECT 'A') t", "x\na"},
	{"COUNT DISTINCT", "SELECT COUNT(DISTINCT cluster_id), COUNT(DISTINCT instance_id, cluster_id), MIN(cluster_id), MAX(node_count), AVG(node_count) FROM roster.clusters", "COUNT(DISTINCT cluster_id)|COUNT(DISTINCT instance_id, cluster_id)|MIN(cluster_id)|MAX(node_count)|AVG(node_count)\n3|6|c0|2|2"},
	{"GROUP_CONCAT", "SELECT GROUP_CONCAT(DISTINCT status ORDER BY status DESC), GROUP_CONCAT(cluster_id ORDER BY cluster_id DESC SEPARATOR '; ') FROM gamma.clusters", "GROUP_CONCAT(DISTINCT status ORDER BY status DESC)|GROUP_CONCAT(cluster_id ORDER BY cluster_id DESC SEPARATOR '; ')\nSUSPENDED,NORMAL|c2; c1; c0"},
	{"UNION with ORDER BY", "(SELECT 'b' AS x) UNION (SELECT 'a') UNION ALL SELECT 'c' ORDER BY x DESC LIMIT 2", "x\nc\nb"},
	{"limited members of UNION", "(SELECT instance_id FROM roster.instances ORDER BY 1 LIMIT 1) UNION ALL (SELECT instance_id FROM roster.instances ORDER BY 1 DESC LIMIT 1)", "instance_id\nalpha\ngamma"},
	{"EXCEPT and INTERSECT", "SELECT instance_id FROM roster.instances EXCEPT SELECT instance_id FROM roster.clusters WHERE cluster_id = 'c1'", "instance_id\nalpha"},
	{"UNION of types", "SELECT 1 AS x UNION SELECT 'a' ORDER BY x", "x\n1\na"},
	{"LIMIT with OFFSET", "SELECT instance_id FROM roster.instances ORDER BY 1 LIMIT 1, 1", "instance_id\nbeta"},
	{"LIKE folds case and escapes", `SELECT COUNT(*), 'a_b' LIKE 'a\_b', 'axb' LIKE 'a\_b', 'A%' LIKE 'a|%' ESCAPE '|' FROM roster.instances WHERE name LIKE 'a%'`, "COUNT(*)|'a_b' LIKE 'a\\_b'|'axb' LIKE 'a\\_b'|'A%' LIKE 'a|%' ESCAPE '|'\n1|1|0|1"},
	{"BETWEEN, IS, CASE", "SELECT 2 BETWEEN 1 AND 3, NULL IS NULL, 1 IS TRUE, NULL <=> NULL, CASE 'A' WHEN 'a' THEN 'yes' ELSE 'no' END, CASE WHEN 0 THEN 1 END", "2 BETWEEN 1 AND 3|NULL IS NULL|1 IS TRUE|NULL <=> NULL|CASE 'A' WHEN 'a' THEN 'yes' ELSE 'no' END|CASE WHEN 0 THEN 1 END\n1|1|1|1|yes|NULL"},
	{"arithmetic", "SELECT 7 / 2, 7 DIV 2, 7 % 4, 1 / 0, 5 ^ 1, 1 XOR 1, - -1, 2 * 3 + 1, 1 << 4, !0", "7 / 2|7 DIV 2|7 % 4|1 / 0|5 ^ 1|1 XOR 1|- -1|2 * 3 + 1|1 << 4|!0\n3.5|3|3|NULL|4|0|1|7|16|1"},
	{"text functions", "SELECT CONCAT('a', 1, 'b'), CONCAT('a', NULL), CONCAT_WS('-', 'a', NULL, 'b'), UPPER('é'), SUBSTRING('hello', 2, 3), SUBSTRING('hello', -3), RIGHT('abc', 2), LPAD('7', 3, '0'), REPLACE('aXa', 'X', '-'), TRIM(BOTH 'x' FROM 'xxaxx'), TRIM('  b ')", "CONCAT('a', 1, 'b')|CONCAT('a', NULL)|CONCAT_WS('-', 'a', NULL, 'b')|UPPER('é')|SUBSTRING('hello', 2, 3)|SUBSTRING('hello', -3)|RIGHT('abc', 2)|LPAD('7', 3, '0')|REPLACE('aXa', 'X', '-')|TRIM(BOTH 'x' FROM 'xxaxx')|TRIM('  b ')\na1b|NULL|a-b|É|ell|llo|bc|007|a-a|a|b"},
	{"more text functions", "SELECT LENGTH('é'), CHAR_LENGTH('é'), LOCATE('B', 'abc'), INSTR('abc', 'c'), FIND_IN_SET('b', 'a,b'), FIELD('b', 'a', 'B'), SUBSTRING_INDEX('a.b.c', '.', -2), REVERSE('abc'), HEX('a'), FORMAT(1234567.891, 2), REPEAT('ab', 2), STRCMP('a', 'A')", "LENGTH('é')|CHAR_LENGTH('é')|LOCATE('B', 'abc')|INSTR('abc', 'c')|FIND_IN_SET('b', 'a,b')|FIELD('b', 'a', 'B')|SUBSTRING_INDEX('a.b.c', '.', -2)|REVERSE('abc')|HEX('a')|FORMAT(1234567.891, 2)|REPEAT('ab', 2)|STRCMP('a', 'A')\n2|1|2|3|2|2|b.c|cba|61|1,234,567.89|abab|0"},
	{"REPLACE", "SELECT REPLACE('abc', '', 'x'), REPLACE(1231, 1, 'z'), REPLACE('a', NULL, 'b'), REPLACE('aA', 'a', '')", "REPLACE('abc', '', 'x')|REPLACE(1231, 1, 'z')|REPLACE('a', NULL, 'b')|REPLACE('aA', 'a', '')\nabc|z23z|NULL|A"},
	{"REGEXP", "SELECT REGEXP_REPLACE('Hello', 'L+', 'r'), REGEXP_SUBSTR('abc', 'B.'), REGEXP_INSTR('ébc', 'C'), 'x' REGEXP '^$', REPEAT('a', 300000) REGEXP 'A{9}$', REGEXP_INSTR(CONCAT(REPEAT('é', 300000), 'x'), '[x]')", "REGEXP_REPLACE('Hello', 'L+', 'r')|REGEXP_SUBSTR('abc', 'B.')|REGEXP_INSTR('ébc', 'C')|'x' REGEXP '^$'|REPEAT('a', 300000) REGEXP 'A{9}$'|REGEXP_INSTR(CONCAT(REPEAT('é', 300000), 'x'), '[x]')\nHero|bc|3|0|1|300001"},
	{"choices", "SELECT IF(1, 'y', 'n'), IFNULL(NULL, 5), NULLIF(1, 1), COALESCE(NULL, NULL, 'z'), GREATEST(1, 3, 2), LEAST('b', 'a')", "IF(1, 'y', 'n')|IFNULL(NULL, 5)|NULLIF(1, 1)|COALESCE(NULL, NULL, 'z')|GREATEST(1, 3, 2)|LEAST('b', 'a')\ny|5|NULL|z|3|a"},
	{"numbers", "SELECT ROUND(2.567, 2), ROUND(-1.5), CEIL(1.2), FLOOR(-1.2), TRUNCATE(1.999, 1), ABS(-3), MOD(7, 3), SIGN(-2), POW(2, 3)", "ROUND(2.567, 2)|ROUND(-1.5)|CEIL(1.2)|FLOOR(-1.2)|TRUNCATE(1.999, 1)|ABS(-3)|MOD(7, 3)|SIGN(-2)|POW(2, 3)\n2.57|-2|2|-2|1.9|3|1|-1|8"},
	{"casts", "SELECT CAST('12abc' AS SIGNED), CAST(1.6 AS SIGNED), CAST(5 AS CHAR), CAST('1.256' AS DECIMAL(5,2)), CONVERT('x' USING utf8mb4), CAST('2026-01-02' AS DATETIME), CAST('2026-01-02 03:04:05' AS DATE)", "CAST('12abc' AS SIGNED)|CAST(1.6 AS SIGNED)|CAST(5 AS CHAR)|CAST('1.256' AS DECIMAL(5,2))|CONVERT('x' USING utf8mb4)|CAST('2026-01-02' AS DATETIME)|CAST('2026-01-02 03:04:05' AS DATE)\n12|2|5|1.26|x|2026-01-02 00:00:00|2026-01-02"},
	{"times", "SELECT instance_id, modify_time, DATE_FORMAT(modify_time, '%Y/%m/%d %H:%i'), UNIX_TIMESTAMP(modify_time) = modify_time_unix, HOUR(modify_time), DATE(modify_time) FROM roster.instances WHERE modify_time > '2026-01-01' AND modify_time <= '2026-01-01 01:00'", "instance_id|modify_time|DATE_FORMAT(modify_time, '%Y/%m/%d %H:%i')|UNIX_TIMESTAMP(modify_time) = modify_time_unix|HOUR(modify_time)|DATE(modify_time)\nbeta|2026-01-01 01:00:00|2026/01/01 01:00|1|1|2026-01-01"},
	{"time arithmetic", "SELECT '2026-01-31' + INTERVAL 1 MONTH, DATE_SUB('2026-01-01', INTERVAL 1 SECOND), DATEDIFF('2026-03-01', '2026-02-01'), TIMESTAMPDIFF(HOUR, '2026-01-01', '2026-01-02'), TIMESTAMPDIFF(MONTH, '2026-01-31', '2026-02-28'), FROM_UNIXTIME(0), EXTRACT(YEAR FROM '2026-05-06'), LAST_DAY('2026-02-03')", "'2026-01-31' + INTERVAL 1 MONTH|DATE_SUB('2026-01-01', INTERVAL 1 SECOND)|DATEDIFF('2026-03-01', '2026-02-01')|TIMESTAMPDIFF(HOUR, '2026-01-01', '2026-01-02')|TIMESTAMPDIFF(MONTH, '2026-01-31', '2026-02-28')|FROM_UNIXTIME(0)|EXTRACT(YEAR FROM '2026-05-06')|LAST_DAY('2026-02-03')\n2026-02-28|2025-12-31 23:59:59|28|24|0|1970-01-01 00:00:00|2026|2026-02-28"},
	{"JSON", `SELECT request->'$.n', request->>'$.name', JSON_EXTRACT(request, '$.name'), JSON_UNQUOTE('"q"'), JSON_LENGTH(request), JSON_CONTAINS(request, '3', '$.n'), JSON_OBJECT('a', 1), JSON_KEYS(request) FROM roster.history WHERE revision = 4`, `request->'$.n'|request->>'$.name'|JSON_EXTRACT(request, '$.name')|JSON_UNQUOTE('"q"')|JSON_LENGTH(request)|JSON_CONTAINS(request, '3', '$.n')|JSON_OBJECT('a', 1)|JSON_KEYS(request)` + "\n" + `3|x|"x"|q|2|1|{"a": 1}|["n", "name"]`},
	{"JSON columns", "SELECT users, JSON_ARRAYAGG(users), JSON_CONTAINS(users, '\"ann\"') FROM alpha.clusters", "users|JSON_ARRAYAGG(users)|JSON_CONTAINS(users, '\"ann\"')\n[\"ann\", \"user0\"]|[[\"ann\", \"user0\"]]|1"},
	{"REGEXP", "SELECT instance_id FROM roster.instances WHERE name REGEXP '^(a|G)' AND name NOT RLIKE 'gam'", "instance_id\nalpha"},
	{"secrets are masked", "SELECT access_key, secret_key, prefix, region FROM alpha.object_stores", "access_key|secret_key|prefix|region\nAKI***LE|******||NULL"},
	{"texts and numbers compare as numbers", "SELECT 1 = '1', '01' IN (1), '10' > 9, CASE 1 WHEN '1' THEN 'y' END, 'a' = 0, (SELECT COUNT(*) FROM roster.nodes WHERE heartbeat_port = '9050') > 0", "1 = '1'|'01' IN (1)|'10' > 9|CASE 1 WHEN '1' THEN 'y' END|'a' = 0|(SELECT COUNT(*) FROM roster.nodes WHERE heartbeat_port = '9050') > 0\n1|1|1|y|1|1"},
	{"ANY and ALL", "SELECT 2 > ALL (SELECT 1), 2 > ALL (SELECT 1 UNION SELECT NULL), 0 > ANY (SELECT 1 UNION SELECT NULL), 2 <= ANY (SELECT 2), 1 = ALL (SELECT 1 WHERE 1 = 0)", "2 > ALL (SELECT 1)|2 > ALL (SELECT 1 UNION SELECT NULL)|0 > ANY (SELECT 1 UNION SELECT NULL)|2 <= ANY (SELECT 2)|1 = ALL (SELECT 1 WHERE 1 = 0)\n1|NULL|NULL|1|1"},
	{"INTERSECT binds closer", "SELECT 1 AS x UNION SELECT 2 INTERSECT SELECT 3", "x\n1"},
	{"the columns of a RIGHT JOIN with USING", "SELECT * FROM (SELECT 2 b, 1 a) x RIGHT JOIN (SELECT 3 c, 1 a) y USING (a)", "a|c|b\n1|3|2"},
	{"LIKE goes by the collation", "SELECT 'É' LIKE 'e', instance_id LIKE 'ALPHA', instance_id COLLATE utf8mb4_general_ci LIKE 'A%a', 'abcabd' LIKE '%ab_', 'x' LIKE '' FROM roster.instances WHERE instance_id = 'alpha'", "'É' LIKE 'e'|instance_id LIKE 'ALPHA'|instance_id COLLATE utf8mb4_general_ci LIKE 'A%a'|'abcabd' LIKE '%ab_'|'x' LIKE ''\n1|0|1|1|0"},
	{"a comment behind a label", "SELECT 1 -- one", "1\n1"},
	{"weeks in every mode", "SELECT WEEK('2026-01-01', 0), WEEK('2026-01-01', 1), WEEK('2026-01-01', 2), WEEK('2026-01-01', 3), WEEK('2026-01-01', 4), WEEK('2026-01-01', 5), WEEK('2026-01-01', 6), WEEK('2026-01-01', 7)", "WEEK('2026-01-01', 0)|WEEK('2026-01-01', 1)|WEEK('2026-01-01', 2)|WEEK('2026-01-01', 3)|WEEK('2026-01-01', 4)|WEEK('2026-01-01', 5)|WEEK('2026-01-01', 6)|WEEK('2026-01-01', 7)\n0|1|52|1|0|0|53|52"},
	{"an instance's database", "SELECT cluster_id FROM gamma.clusters WHERE status = 'NORMAL'", "cluster_id\nc0\nc2"},
	{"the users of clusters", "SELECT user_name, COUNT(*) FROM roster.cluster_users GROUP BY user_name ORDER BY 2 DESC, 1 LIMIT 2", "user_name|COUNT(*)\nann|6\nuser0|3"},
	{"history", "SELECT revision, time, actor, via, operation, object, result FROM roster.history WHERE instance_id = 'alpha' ORDER BY revision LIMIT 2", "revision|time|actor|via|operation|object|result\n1|2026-01-01 00:00:00|root|rest|create_instance|t|OK\n3|2026-01-01 00:02:00|root|rest|add_cluster|t|OK"},
	{"comments", "/* a */ SELECT /*+ MAX_EXECUTION_TIME(1) */ /*!40100 1 */ -- b\n AS x # c", "x\n1"},
	{"TABLE", "TABLE roster.settings", "name|value\nport|9030"},
	{"a long OR", "SELECT COUNT(*) FROM roster.instances WHERE " + strings.Repeat("name = 'x' OR ", 1500) + "name = 'beta'", "COUNT(*)\n1"},
	{"a NUL in a text", `SELECT LENGTH('a\0b') > 0`, `LENGTH('a\0b') > 0` + "\n1"},
	{"no rows keep their columns", "SELECT node_count, modify_time FROM roster.clusters WHERE 1 = 0", "node_count|modify_time"},
}

func TestQueries(t *testing.T) {
	e := newEngine(t, newSource(), tables.Options{Settings: []tables.Setting{{Name: "port", Value: "9030"}}})
	for _, c := range golden {
		t.Run(c.name, func(t *testing.T) {
			got, err := ask(t, e, newSession(), c.query)
			if err != nil {
				t.Fatal(err)
			}
			if got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

-- a syntax error
SELEC 1
-- a syntax error late
SELECT 1 FROM WHERE
-- a text that does not end
SELECT 'abc
-- an unknown column
SELECT nosuch FROM instances
-- an unknown column in WHERE
SELECT 1 FROM instances WHERE nosuch = 1
-- an alias in WHERE
SELECT name AS x FROM instances WHERE x = 1
-- an unknown column of a table
SELECT i.nosuch FROM instances i
-- an unknown alias
SELECT x.name FROM instances i
-- an unknown column in ORDER BY
SELECT name FROM instances ORDER BY nosuch
-- an unknown place in ORDER BY
SELECT name FROM instances ORDER BY 3
-- an unknown column in GROUP BY
SELECT COUNT(*) FROM instances GROUP BY nosuch
-- an unknown place in GROUP BY
SELECT COUNT(*) FROM instances GROUP BY 7
-- an unknown column in ON
SELECT 1 FROM instances a JOIN clusters b ON a.nosuch = b.instance_id
-- an unknown column in USING
SELECT 1 FROM instances JOIN clusters USING (nosuch)
-- an unknown column in HAVING
SELECT name FROM instances HAVING nosuch = 1
-- an unknown table
SELECT * FROM roster.nosuch
-- an unknown table of the current database
SELECT * FROM nosuch
-- an unknown table of all columns
SELECT x.* FROM instances
-- USE of an unknown database
USE nosuch
-- an ambiguous column
SELECT instance_id FROM instances a, clusters b
-- an ambiguous column in WHERE
SELECT 1 FROM instances a, clusters b WHERE instance_id = 'x'
-- an ambiguous column in ORDER BY
SELECT a.name FROM instances a, clusters b ORDER BY status
-- a wrong number of arguments
SELECT LPAD('a')
-- no arguments
SELECT COALESCE(1, NULLIF(1))
-- too many arguments
SELECT ABS(1, 2)
-- an aggregate in WHERE
SELECT 1 FROM instances WHERE COUNT(*) > 1
-- an aggregate in an aggregate
SELECT SUM(COUNT(*)) FROM instances
-- an aggregate in GROUP BY
SELECT COUNT(*) AS n FROM instances GROUP BY COUNT(*)
-- a subquery of two columns
SELECT (SELECT 1, 2)
-- IN of two columns
SELECT 1 IN (SELECT 1, 2)
-- rows of different lengths
SELECT (1, 2) = (1, 2, 3)
-- rows of different lengths in IN
SELECT (1, 2) IN ((1, 2, 3))
-- a row as a value
SELECT (1, 2)
-- a subquery of two rows
SELECT (SELECT instance_id FROM instances)
-- a subquery of two rows in WHERE
SELECT 1 FROM instances WHERE name = (SELECT name FROM instances)
-- UNION of different lengths
SELECT 1 UNION SELECT 1, 2
-- an unknown system variable
SELECT @@nosuch
-- SET of an unknown variable
SET nosuch = 1
-- SET to a wrong value
SET sql_mode = 'NOSUCH'
-- SET of a constant
SET version = 'x'
-- an unknown collation
SELECT 'a' COLLATE nosuch
-- an unknown character set
SET NAMES nosuch
-- CONVERT to an unknown character set
SELECT CONVERT('a' USING nosuch)
-- an unknown time zone
SET time_zone = 'Nowhere'
-- a table twice
SELECT 1 FROM instances, instances
-- an alias twice
SELECT 1 FROM instances a JOIN clusters a
-- a column twice
SELECT * FROM (SELECT 1 a, 2 a) t
-- nothing to select from
SELECT *
-- an unknown thread
KILL 4294967295
-- a bad regular expression
SELECT 'a' REGEXP '('
-- a number out of range
SELECT 9223372036854775807 + 1
-- a product out of range
SELECT 9223372036854775807 * 2
-- SUM of rows
SELECT SUM((1, 2))
-- a collation that does not fit the character set
SELECT 'a' COLLATE latin1_swedish_ci
-- LIMIT of a text
SELECT 1 LIMIT 'a'
-- SHOW of an unknown table
SHOW COLUMNS FROM nosuch
-- SHOW CREATE of an unknown table
SHOW CREATE TABLE nosuch
-- an empty statement
;
-- SET of a number to a text
SET wait_timeout = 'x'
-- SET NAMES with an unknown collation
SET NAMES utf8mb4 COLLATE nosuch
-- SHOW TABLES of an unknown database
SHOW TABLES FROM nosuch

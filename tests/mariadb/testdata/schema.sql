-- the tables of a database
SELECT table_name FROM information_schema.tables WHERE table_schema = 'roster' AND table_name <> 'sessions' ORDER BY LENGTH(table_name), table_name
-- the columns of a table
SELECT column_name, ordinal_position, is_nullable, data_type, column_type, character_maximum_length, collation_name FROM information_schema.columns WHERE table_schema = 'roster' AND table_name = 'cluster_users' ORDER BY ordinal_position
-- the numeric columns
SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'roster' AND table_name = 'nodes' AND data_type IN ('bigint', 'datetime') ORDER BY ordinal_position
-- columns by table
SELECT table_name, COUNT(*) FROM information_schema.columns WHERE table_schema = 'roster' AND table_name <> 'sessions' GROUP BY table_name ORDER BY LENGTH(table_name), table_name
-- a join in information_schema
SELECT t.table_name, c.column_name FROM information_schema.tables t JOIN information_schema.columns c USING (table_schema, table_name) WHERE t.table_schema = 'roster' AND c.ordinal_position = 1 AND t.table_name <> 'sessions' ORDER BY LENGTH(t.table_name), 1
-- databases
SELECT schema_name, default_character_set_name FROM information_schema.schemata WHERE schema_name = 'roster'
-- the current database
SELECT DATABASE(), SCHEMA()
-- nothing of views and routines
SELECT COUNT(*) FROM information_schema.views WHERE table_schema = 'roster'
-- a character set
SELECT character_set_name, maxlen FROM information_schema.character_sets WHERE character_set_name = 'utf8mb4'
-- a collation
SELECT collation_name, character_set_name, id FROM information_schema.collations WHERE collation_name IN ('utf8mb4_general_ci', 'utf8mb4_bin') ORDER BY id
-- labels of columns
SELECT 1+1, 'a', Instance_ID, count( * ), NULL, -1, instances.NAME FROM instances WHERE instance_id = 'alpha' GROUP BY instance_id, name
-- a label of a subquery
SELECT (SELECT 1), t.a AS `the name`, a+ 1 FROM (SELECT 1 a) t
-- comments
SELECT /* one */ 1 -- two
-- DUAL
SELECT 1 FROM DUAL WHERE 1 = 1
-- user variables that are not set
SELECT @nosuch IS NULL

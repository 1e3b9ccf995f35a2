-- JSON_EXTRACT
SELECT JSON_EXTRACT('{"a": 1, "b": [1, 2]}', '$.a'), JSON_EXTRACT('{"a": "x"}', '$.a'), JSON_EXTRACT('{"a": [1, 2]}', '$.a[1]'), JSON_EXTRACT('{"a": 1}', '$.b'), JSON_EXTRACT('[1, [2, 3]]', '$[1]')
-- JSON_EXTRACT of several paths
SELECT JSON_EXTRACT('{"a": 1, "b": "x"}', '$.a', '$.b'), JSON_EXTRACT('{"a": 1}', '$.a', '$.x')
-- JSON_UNQUOTE
SELECT JSON_UNQUOTE('"q"'), JSON_UNQUOTE('x'), JSON_UNQUOTE(JSON_EXTRACT('{"a": "é\\n"}', '$.a')), JSON_UNQUOTE(NULL)
-- JSON_VALUE
SELECT JSON_VALUE('{"a": "x"}', '$.a'), JSON_VALUE('{"a": 5}', '$.a'), JSON_VALUE('{"a": 5}', '$.b')
-- JSON_OBJECT and JSON_ARRAY
SELECT JSON_OBJECT('a', 1, 'b', 'x'), JSON_ARRAY(1, 'x', NULL), JSON_OBJECT(), JSON_ARRAY(), JSON_OBJECT('a', NULL)
-- JSON in JSON
SELECT JSON_OBJECT('a', JSON_ARRAY(1, 2)), JSON_ARRAY(JSON_OBJECT('b', 'c'))
-- JSON_LENGTH and JSON_DEPTH
SELECT JSON_LENGTH('[1, 2]'), JSON_LENGTH('{"a": 1}'), JSON_LENGTH('1'), JSON_LENGTH('{"a": [1, 2, 3]}', '$.a'), JSON_LENGTH('[]', '$.x'), JSON_DEPTH('[1, [2]]'), JSON_DEPTH('1')
-- JSON_CONTAINS
SELECT JSON_CONTAINS('[1, 2, 3]', '2'), JSON_CONTAINS('{"a": 1}', '1', '$.a'), JSON_CONTAINS('["x"]', '"y"'), JSON_CONTAINS('[1, 2]', '[1]')
-- JSON_CONTAINS_PATH
SELECT JSON_CONTAINS_PATH('{"a": 1}', 'one', '$.a', '$.b'), JSON_CONTAINS_PATH('{"a": 1}', 'all', '$.a', '$.b')
-- JSON_KEYS
SELECT JSON_KEYS('{"a": 1, "b": 2}'), JSON_KEYS('[1]'), JSON_KEYS('{"a": {"x": 1}}', '$.a')
-- JSON_TYPE
SELECT JSON_TYPE('1'), JSON_TYPE('"x"'), JSON_TYPE('[]'), JSON_TYPE('{}'), JSON_TYPE('null'), JSON_TYPE('true'), JSON_TYPE('1.5')
-- JSON_VALID
SELECT JSON_VALID('{"a": 1}'), JSON_VALID('{'), JSON_VALID(NULL), JSON_VALID('1')
-- JSON_QUOTE
SELECT JSON_QUOTE('a"b'), JSON_QUOTE('x')
-- JSON_SET, JSON_INSERT, JSON_REPLACE and JSON_REMOVE
SELECT JSON_SET('{"a": 1}', '$.b', 2), JSON_INSERT('{"a": 1}', '$.a', 2), JSON_REPLACE('{"a": 1}', '$.a', 2), JSON_REMOVE('{"a": 1, "b": 2}', '$.b')
-- the users of clusters
SELECT instance_id, cluster_id, users, JSON_LENGTH(users), JSON_CONTAINS(users, '"ann"') FROM clusters ORDER BY 1, 2
-- one user of a cluster
SELECT cluster_id, JSON_UNQUOTE(JSON_EXTRACT(users, '$[0]')) AS user FROM clusters WHERE instance_id = 'alpha' ORDER BY 1
-- fields of requests
SELECT revision, operation, JSON_UNQUOTE(JSON_EXTRACT(request, '$.instance_id')), JSON_EXTRACT(request, '$.cluster.cluster_id') FROM history ORDER BY revision
-- requests by a field
SELECT COUNT(*) FROM history WHERE JSON_UNQUOTE(JSON_EXTRACT(request, '$.instance_id')) = 'alpha'
-- JSON as text
SELECT cluster_id, LENGTH(users), CONCAT(users, '!') FROM clusters ORDER BY instance_id, cluster_id
-- JSON of a column in JSON
SELECT JSON_OBJECT('i', instance_id, 'n', node_count) FROM instances ORDER BY instance_id
-- JSON_OBJECTAGG
SELECT JSON_LENGTH(JSON_OBJECTAGG(instance_id, node_count)), JSON_LENGTH(JSON_ARRAYAGG(instance_id)) FROM instances
-- JSON values compared
SELECT JSON_EXTRACT('{"a": 1}', '$.a') = 1, JSON_EXTRACT('{"a": 10}', '$.a') > 9, JSON_EXTRACT('{"a": "x"}', '$.a') = 'x', JSON_EXTRACT('{"a": 5}', '$.a') + 1, JSON_EXTRACT('{"a": 5}', '$.a') BETWEEN 1 AND 9
-- rows by a JSON value
SELECT cluster_id FROM clusters WHERE JSON_EXTRACT(users, '$[0]') = 'ann' ORDER BY instance_id

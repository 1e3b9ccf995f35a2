package mariadb

// differences are those that are meant to be. The examples are statements with
// Roster's answer to them, without its header, or the number and SQLSTATE of its
// error; MariaDB says something else.
var differences = []struct {
	reason   string
	examples map[string]string
}{
	{
		"There is no DECIMAL type: /, AVG and literals with a point are DOUBLE. A quotient has no padding zeros, sums of fractions have the last digit of binary arithmetic, and ROUND rounds halves of any number away from zero.",
		map[string]string{
			"SELECT ROUND(0.5e0)":      "1",
			"SELECT 7 / 2":             "3.5",
			"SELECT 0.1 + 0.2":         "0.30000000000000004",
			"SELECT 1.50":              "1.5",
			"SELECT GREATEST(10, 9.5)": "10",
			"SELECT AVG(node_count) FROM clusters WHERE instance_id = 'beta'": "2",
			"SELECT CAST('1' AS DECIMAL(5,2))":                                "1",
		},
	},
	{
		"Whole numbers have 64 bits with a sign; literals above 9223372036854775807 are DOUBLE, and CAST AS UNSIGNED stops there.",
		map[string]string{
			"SELECT CAST(18446744073709551615 AS UNSIGNED)": "9223372036854775807",
			"SELECT 18446744073709551615 - 1":               "1.8446744073709552e+19",
		},
	},
	{
		"Columns that compare bytes (utf8mb4_bin) and BINARY count spaces at the end, as utf8mb4_0900_bin does.",
		map[string]string{
			"SELECT instance_id FROM instances WHERE instance_id = 'alpha '": "",
			"SELECT 'a' COLLATE utf8mb4_bin = 'a '":                          "0",
		},
	},
	{
		"JSON is MySQL's: members are sorted by the length of their names, then by their bytes, with a blank after each comma and colon.",
		map[string]string{
			"SELECT JSON_OBJECT('id', 1, 'n', 2)":                                  `{"n": 2, "id": 1}`,
			"SELECT JSON_ARRAYAGG(node_count) FROM instances WHERE node_count > 3": "[4, 4]",
			"SELECT users->'$[0]' FROM clusters WHERE cluster_id = 'c3'":           `"zoë"`,
			"SELECT users->>'$[0]' FROM clusters WHERE cluster_id = 'c3'":          "zoë",
			"SELECT JSON_LENGTH('{')":                                              "3141 22032",
			"SELECT JSON_EXTRACT('{}', 'x')":                                       "3143 42000",
		},
	},
	{
		"ONLY_FULL_GROUP_BY may be set and does nothing: a column that is not grouped has the value of one row of its group. ANY_VALUE says so in the statement.",
		map[string]string{
			"SELECT COUNT(*) > 0, instance_id <> '' FROM clusters":                                                  "1|1",
			"SELECT ANY_VALUE(type) FROM clusters WHERE instance_id = 'beta' GROUP BY status, type ORDER BY status": "COMPUTE\nCOMPUTE",
		},
	},
	{
		"Names in information_schema compare and sort by bytes, as they do in MySQL 8 on Linux.",
		map[string]string{
			"SELECT table_name FROM information_schema.tables WHERE table_schema = 'roster' AND table_name LIKE 'cluster%' ORDER BY table_name": "cluster_users\nclusters",
		},
	},
	{
		"Errors are MySQL's where MariaDB has numbers of its own.",
		map[string]string{
			"SELECT * FROM nosuch.clusters":                          "1049 42000",
			"SELECT (1, 2) = 1":                                      "1241 21000",
			"WITH x (a, b) AS (SELECT 1) SELECT * FROM x":            "1353 HY000",
			"SELECT ROW_NUMBER() OVER nosuch FROM instances":         "3579 HY000",
			"SELECT 1 FROM instances WHERE ROW_NUMBER() OVER () = 1": "3593 HY000",
		},
	},
	{
		"What a statement cannot do here is error 1235, 42000 (not supported), or 1290, HY000 where it would write.",
		map[string]string{
			"SELECT instance_id FROM instances FOR UPDATE":               "1235 42000",
			"SELECT COUNT(*) FROM instances GROUP BY status WITH ROLLUP": "1235 42000",
			"SELECT '2026-01-01' + INTERVAL '1:30' HOUR_MINUTE":          "1235 42000",
			"SELECT EXTRACT(YEAR_MONTH FROM '2026-05-06')":               "1235 42000",
			"EXECUTE nosuch":                    "1235 42000",
			"DELETE FROM instances WHERE 1 = 0": "1290 HY000",
		},
	},
	{
		"Functions that Roster lacks are error 1305, 42000 (does not exist).",
		map[string]string{
			"SELECT TIMEDIFF('10:00:00', '09:00:00')":   "1305 42000",
			"SELECT JSON_SEARCH('[\"a\"]', 'one', 'a')": "1305 42000",
			"SELECT SOUNDEX('a')":                       "1305 42000",
			"SELECT AES_ENCRYPT('a', 'b')":              "1305 42000",
			"SELECT STDDEV(node_count) FROM instances":  "1235 42000",
		},
	},
	{
		"Regular expressions are RE2's, which has no backreferences and no look-around (error 1139, 42000).",
		map[string]string{
			`SELECT 'aa' REGEXP '(a)\\1'`: "1139 42000",
			"SELECT 'ab' REGEXP 'a(?=b)'": "1139 42000",
		},
	},
	{
		"GREATEST and LEAST of numbers and texts compare texts, as in MySQL 8.",
		map[string]string{"SELECT GREATEST('5', 10), LEAST('5', 10)": "5|10"},
	},
	{
		"Savepoints are accepted and do nothing.",
		map[string]string{"ROLLBACK TO nosuch": ""},
	},
}

-- CONCAT
SELECT CONCAT('a', 1, 'b'), CONCAT('a', NULL), CONCAT(1.5, 2), CONCAT_WS('-', 'a', NULL, 'b'), CONCAT_WS(NULL, 'a'), CONCAT('')
-- UPPER and LOWER
SELECT UPPER('abcé'), LOWER('ABCÉ'), UCASE('x'), LCASE('X')
-- SUBSTRING
SELECT SUBSTRING('hello', 2, 3), SUBSTRING('hello', -3), SUBSTR('hello', 2), MID('hello', 2, 2), SUBSTRING('hello', 0), SUBSTRING('hello', 9), SUBSTRING('hello' FROM 2 FOR 2), SUBSTRING('héllo', 2, 1)
-- LEFT and RIGHT
SELECT LEFT('hello', 2), RIGHT('hello', 2), LEFT('é', 1), LEFT('a', -1), RIGHT('a', 10)
-- LPAD and RPAD
SELECT LPAD('7', 3, '0'), RPAD('a', 4, 'xy'), LPAD('hello', 2, 'x'), RPAD('hello', 0, 'x')
-- TRIM
SELECT TRIM('  b '), TRIM(BOTH 'x' FROM 'xxaxx'), TRIM(LEADING '0' FROM '007'), TRIM(TRAILING '.' FROM 'a..'), LTRIM('  a '), RTRIM(' a  '), TRIM('ab' FROM 'ababc')
-- REPLACE and REVERSE
SELECT REPLACE('aXaX', 'X', '-'), REPLACE('abc', '', 'x'), REPLACE('aA', 'a', 'b'), REVERSE('abc'), REPEAT('ab', 2), REPEAT('a', 0), SPACE(2)
-- LENGTH and CHAR_LENGTH
SELECT LENGTH('é'), CHAR_LENGTH('é'), CHARACTER_LENGTH('东京'), OCTET_LENGTH('东京'), BIT_LENGTH('a'), LENGTH(123), LENGTH(NULL), LENGTH('')
-- LOCATE and INSTR
SELECT LOCATE('B', 'abc'), LOCATE('b', 'abcb', 3), INSTR('abc', 'c'), POSITION('x' IN 'abc'), LOCATE('', 'abc'), LOCATE('é', 'aé')
-- FIELD, ELT and FIND_IN_SET
SELECT FIND_IN_SET('b', 'a,b'), FIND_IN_SET('x', 'a,b'), FIELD('b', 'a', 'B'), FIELD('x', 'a'), ELT(2, 'a', 'b'), ELT(3, 'a', 'b'), FIELD(2, 1, 2)
-- SUBSTRING_INDEX
SELECT SUBSTRING_INDEX('a.b.c', '.', 2), SUBSTRING_INDEX('a.b.c', '.', -2), SUBSTRING_INDEX('a.b.c', 'x', 1), SUBSTRING_INDEX('a.b.c', '.', 0)
-- HEX and UNHEX
SELECT HEX('a'), HEX(255), HEX('é'), UNHEX('6162'), CONV(255, 10, 16), CONV('ff', 16, 10), BIN(5), OCT(8)
-- ASCII, ORD and CHAR
SELECT ASCII('a'), ASCII(''), ORD('a'), ORD('é')
-- hashes
SELECT MD5('a'), SHA1('a'), SHA('a'), SHA2('a', 256), CRC32('a')
-- QUOTE and STRCMP
SELECT QUOTE('it''s'), QUOTE(NULL), STRCMP('a', 'A'), STRCMP('a', 'b'), STRCMP('b', 'a')
-- FORMAT
SELECT FORMAT(1234567.891, 2), FORMAT(1234567.891, 0), FORMAT(0.5, 1), FORMAT(-1234.5, 1)
-- INSERT
SELECT INSERT('Quadratic', 3, 4, 'What'), INSERT('abc', 9, 1, 'x')
-- TO_BASE64 and FROM_BASE64
SELECT TO_BASE64('abc'), FROM_BASE64('YWJj')
-- REGEXP_REPLACE and REGEXP_SUBSTR
SELECT REGEXP_REPLACE('a1b2', '[0-9]', '-'), REGEXP_SUBSTR('abc123', '[0-9]+'), REGEXP_INSTR('abc123', '[0-9]')
-- functions of a column
SELECT instance_id, UPPER(name), LENGTH(name), CHAR_LENGTH(name), REVERSE(name) FROM instances ORDER BY 1
-- texts written side by side
SELECT 'a' 'b', "double", 'it''s', 'tab\tnew', '\\'
-- introducers and hex literals
SELECT _utf8mb4'a', x'6162', 0x6162, N'n'
-- adding texts
SELECT '1' + '2', 'a' + 1, '3 apples' * 2, '1.5' + 1, - '3'
-- ASCII of columns in order
SELECT ip, SUBSTRING_INDEX(ip, '.', -1) + 0 AS last_part FROM nodes ORDER BY last_part, ip
-- INET_ATON and INET_NTOA
SELECT INET_ATON('10.0.0.1'), INET_NTOA(167772161), INET_ATON('x')
-- CAST of texts
SELECT CAST('12abc' AS SIGNED), CAST('abc' AS SIGNED), CAST(5 AS CHAR), CAST('abc' AS CHAR(2)), CONVERT('x' USING utf8mb4), CONVERT('7', SIGNED), CAST('-3' AS SIGNED)
-- CAST of numbers
SELECT CAST(1.6 AS SIGNED), CAST(-1.6 AS SIGNED), CAST(3 AS UNSIGNED), CAST('1.256' AS DECIMAL(5,2)), CAST(1.5 AS DOUBLE), CAST(2.5 AS CHAR)
-- CAST of times
SELECT CAST('2026-01-02' AS DATETIME), CAST('2026-01-02 03:04:05' AS DATE), CAST('2026-01-02 03:04:05' AS TIME), CAST('x' AS DATE), CAST('2026-01-02 03:04:05' AS CHAR(10))
-- a collation in a comparison
SELECT 'a' COLLATE utf8mb4_general_ci = 'A', 'b' COLLATE utf8mb4_bin > 'B', MAX(instance_id COLLATE utf8mb4_general_ci) FROM instances

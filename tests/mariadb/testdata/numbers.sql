-- whole numbers
SELECT 1 + 2, 5 - 7, 3 * 4, 7 DIV 2, -7 DIV 2, 7 % 4, -7 % 4, 7 MOD 0, 1 DIV 0, 1 / 0
-- bits
SELECT 5 & 3, 5 | 3, 5 ^ 1, 1 << 4, 256 >> 2, BIT_COUNT(7)
-- ROUND
SELECT ROUND(1.5), ROUND(-1.5), ROUND(2.5), ROUND(2.567, 2), ROUND(1234, -2), ROUND(7), ROUND(1250, -2), ROUND(-1250, -2)
-- CEIL and FLOOR
SELECT CEIL(1.2), CEILING(-1.2), FLOOR(1.8), FLOOR(-1.2), CEIL(5), FLOOR('2.7')
-- TRUNCATE
SELECT TRUNCATE(1.999, 1), TRUNCATE(-1.999, 1), TRUNCATE(1299, -2), TRUNCATE(1.999, 0)
-- ABS, SIGN and MOD
SELECT ABS(-3), ABS(2.5), SIGN(-2), SIGN(0), SIGN(2.5), MOD(7, 3), MOD(-7, 3), MOD(7, 0)
-- powers and roots
SELECT POW(2, 3), POWER(2, -1), SQRT(16), SQRT(-1), EXP(0), LN(1), LOG(1), LOG(2, 8), LOG10(100), LOG2(8), LN(0)
-- angles
SELECT ROUND(PI(), 5), SIN(0), COS(0), TAN(0), ATAN(0), DEGREES(0), RADIANS(0), ROUND(ATAN2(1, 1), 6), ACOS(1), ASIN(0)
-- decimals that end alike
SELECT 1.5 + 1.25, 1.5 - 0.25, 2.5 > 2, 1.5 = '1.5'
-- exponents
SELECT 1e3, 1.5e-3, 1e20, 1e0 / 3
-- large numbers
SELECT 9223372036854775807, -9223372036854775808, 4294967296 * 1024
-- truth as a number
SELECT TRUE + TRUE, FALSE, TRUE, (1 = 1) + (2 > 1), TRUE = 1
-- numbers of columns
SELECT instance_id, node_count * 2 + 1, node_count % 2, node_count DIV 2, -node_count FROM instances ORDER BY 1
-- a ratio of doubles
SELECT instance_id, node_count / 4e0 FROM instances ORDER BY 1
-- unsigned columns
SELECT COUNT(*), MAX(revision) >= MIN(revision), SUM(revision > 0) = COUNT(*) FROM history
-- numbers from texts
SELECT '5' + 0, '5.5' + 0, '' + 0, ' 12 ' + 0, '1e2' + 0
-- sums of texts
SELECT SUM(x) FROM (SELECT '1' AS x UNION ALL SELECT '2.5' UNION ALL SELECT 'z') t

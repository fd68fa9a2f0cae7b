-- An even draw from [0, bound) for a number and a salt: the same wherever and in whichever order it is asked for.
CREATE MACRO drawn(number, salt, bound) AS (
    (
        (
            xor(
                (number % 2147483647) * 48271 % 2147483647,
                ((number % 2147483647) * 48271 % 2147483647) >> 15
            ) + CAST(salt AS BIGINT) * 104729
        ) % 2147483647 * 69621 % 2147483647
    ) * bound // 2147483647
)

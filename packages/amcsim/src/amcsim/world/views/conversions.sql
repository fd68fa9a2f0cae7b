-- One row per conversion of a person who had seen or clicked an advertisement in the 28 days before it.
SELECT * FROM ({shopped}) WHERE __exposed

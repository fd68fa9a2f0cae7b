-- What display campaigns cost: every fee in its own unit, turned into the currency.
SELECT campaign, (SELECT currency FROM market), count(*), sum(millicents) / 1e5, sum(millicents) * 1.14e-5,
    sum(millicents) * 8e-6, sum(millicents) * 6e-7, sum(millicents) * 8e-7, avg(millicents) * 0.0114
FROM met GROUP BY 1

-- What a conversion is about: words for a search, a store, a definition of the advertiser's, else a product.
CASE c.step_no
    WHEN 3 THEN lower(brand.brand)
    WHEN 4 THEN printf('store-%d', brand.advertiser_id)
    WHEN 7 THEN printf('%d', brand.advertiser_id * 10 + 7)
    WHEN 8 THEN printf('%d', brand.advertiser_id * 10 + 8)
    ELSE product.asin
END

"""Audiences: made by a query over the twins of tables, or of people whom an advertiser names."""

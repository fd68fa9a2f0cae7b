"""Who is there, how they prove it, and whom a database session acts for."""

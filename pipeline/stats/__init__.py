"""Statistics as pure functions: table in, table out."""

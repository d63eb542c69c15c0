"""Studies of which only a table of ratings is known: imported from elsewhere, or simulated."""

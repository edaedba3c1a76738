"""What may be wrong with a table: one function per finding, and a table of them."""

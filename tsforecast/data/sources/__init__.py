"""From files, streams and databases to a table of cells; nothing is decided about its columns."""

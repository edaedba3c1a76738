"""How time is written in tables, and the regular grids that series stand on."""

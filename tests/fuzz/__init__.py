"""Random files against the reader, for as long as one likes."""

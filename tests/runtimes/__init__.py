"""Other runtimes: exported files run in each that installs from a package index, in an environment of its own."""

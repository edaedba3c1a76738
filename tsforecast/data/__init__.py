"""From a file to a panel of series on a regular time grid, and from a panel to windows."""

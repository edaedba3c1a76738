"""Small bad and odd files of many kinds, each with the outcome it must have."""

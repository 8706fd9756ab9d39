"""The parts of prove.py, each with the standard library alone."""

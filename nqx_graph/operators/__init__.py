"""Operators: symbolic ones, which are data, and compiled ones, which run."""

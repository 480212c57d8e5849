"""Surrogates: soft functions in the place of operations that have no gradient."""

"""Operators that come from elsewhere, and go back: Pauli strings, OpenFermion, NetKet.

Strings of Pauli matrices and of fermionic operators are rows of one or two terms, their masks columns, so that an
operator of thousands of strings is as quick to compile as one of two.
"""

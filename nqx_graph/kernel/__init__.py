"""The JAX kernel of an operator.

``structure`` is what is compiled and ``from_ir`` makes it; ``run`` is the kernel, ``env``, ``exact``, ``amplitude`` and
``target`` its parts: what is read, predicates and values, matrix elements, x'.
"""

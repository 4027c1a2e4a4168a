"""Lowerers, from an operator to something that runs, and the registry that picks one."""

from nqx_graph.lowering.jax_fused_v1 import JaxFusedV1Lowerer
from nqx_graph.lowering.jax_symbolic_v1 import JaxSymbolicV1Lowerer
from nqx_graph.lowering.numpy_reference import NumpyReferenceLowerer
from nqx_graph.lowering.registry import SymbolicLowererRegistry


def default_registry() -> SymbolicLowererRegistry:
    """The stock lowerers: the JAX kernels, the fused one first, which asks for ``optimize``; and the reference interpreter
    for the backend "numpy"."""
    return SymbolicLowererRegistry((JaxFusedV1Lowerer(), JaxSymbolicV1Lowerer(), NumpyReferenceLowerer()))


__all__ = [
    "JaxFusedV1Lowerer",
    "JaxSymbolicV1Lowerer",
    "NumpyReferenceLowerer",
    "SymbolicLowererRegistry",
    "default_registry",
]

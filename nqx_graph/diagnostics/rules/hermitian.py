"""Operators that are said to be hermitian and are not, as far as that is cheap to know."""

from __future__ import annotations

from collections.abc import Iterator

from nqx_graph.diagnostics.diagnostic import Diagnostic
from nqx_graph.diagnostics.subject import Place, Subject
from nqx_graph.diagnostics.way_back import lost_way_back
from nqx_graph.errors import HermiticityError, NqxError
from nqx_graph.fusion.one_way import one_way
from nqx_graph.lowering.reference.hermiticity import compare_all, few_enough

CODE = "NQX009"


def not_hermitian(subject: Subject) -> Iterator[Diagnostic]:
    """On few states every pair is compared; on more, a shift that no branch undoes, or one row and its way back."""
    ir, space = subject.ir, subject.space
    if not ir.is_hermitian:
        return
    if few_enough(ir, space):
        try:
            compare_all(ir, space)
        except HermiticityError as error:
            message = str(error).partition("; ")[0] + "."
            hint = "Mend the amplitude, add the branch that leads back, or leave hermitian=True out."
            yield Diagnostic(CODE, "error", message, hint)
        except NqxError:  # what is wrong otherwise is told by others
            return
        return
    lost = one_way(ir, space)
    if lost is not None:
        position, row, number = lost
        message = "The operator is said to be hermitian, and no branch undoes this shift."
        hint = "Add the branch that leads back, or leave hermitian=True out; verify_hermitian(operator) compares pairs of states."
        yield subject.finding(CODE, "warning", message, hint, Place(position, "update", number, row=row))
        return
    missed = lost_way_back(ir, space)
    if missed is not None:
        message = f"The operator is said to be hermitian; this branch has {missed.there:.4g} and its way back {missed.back:.4g}."
        hint = "Add the branch that leads back, or leave hermitian=True out; verify_hermitian(operator) names a pair of states."
        yield subject.finding(
            CODE, "warning", message, hint, Place(missed.position, "update", missed.emission, row=missed.row)
        )

"""Every small change that cosmic-ray knows how to make to a file of the package, and whether the tests notice it.

``python tests/promises/mutants.py cache lowering/moving.py`` tries the mutants of these and lists those that survive; with
``--every 5`` one in five of them. Each mutant runs in a fork of a process that has imported what the package imports and
nothing of the package, so that what is tried is one module as it would have been had it been written so. The tests of a
module stand in `SELECTIONS`, the quick ones first: the first that fails is the end of a mutant, and so are `SECONDS` of
the processor's time, half of which is enough for every module as it is.

Left out are mutants that are no other program: annotations, what is imported for them only, and the ``strict`` of a
``zip``, which asserts what holds for every input.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import importlib.machinery
import importlib.util
import os
import resource
import signal
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import attrs

ROOT = Path(__file__).parents[2]
# looked up and not imported: every mutant imports it afresh
PACKAGE = Path(importlib.util.find_spec("nqx_graph").origin).parent  # it is installed
SECONDS = 90
MEMORY = 8 << 30
PROGRAMS = "tests/promises/test_no_wrong_kernel.py::test_random_programs[range(0, 625)]"
REFERENCE = ("tests/lowering/test_reference.py", PROGRAMS)
SELECTIONS: dict[str, tuple[str, ...]] = {
    "cache": ("tests/cache", "tests/test_single_flight.py", "tests/stages", "tests/test_compiler.py"),
    "lowering/registry.py": ("tests/lowering/test_registry.py", "tests/test_compiler.py"),
    "lowering/restoring.py": ("tests/lowering/test_restoring.py", "tests/disk/test_store.py"),
    "lowering/numpy_reference.py": ("tests/lowering/test_jax_symbolic_v1.py", "tests/disk/test_store.py"),
    "lowering/jax_symbolic_v1.py": ("tests/lowering/test_jax_symbolic_v1.py", PROGRAMS, "tests/disk/test_store.py"),
    "lowering/jax_fused_v1.py": ("tests/lowering/test_jax_fused_v1.py", "tests/disk/test_store.py"),
    "lowering/fusing.py": ("tests/lowering/test_fusing.py", "tests/lowering/test_jax_fused_v1.py"),
    "lowering/moving.py": ("tests/lowering/test_moving.py", "tests/lowering/test_jax_fused_v1.py"),
    "lowering/reference/matrices.py": (*REFERENCE, "tests/operators/test_matrices.py"),
    "lowering/reference/arithmetic.py": ("tests/lowering/test_arithmetic.py", *REFERENCE),
    "lowering/reference/configurations.py": ("tests/lowering/test_configurations.py", *REFERENCE),
    "lowering/reference/scalars.py": ("tests/lowering/test_scalars.py", *REFERENCE),
    "lowering/reference/check.py": ("tests/lowering/test_reference_check.py", "tests/operators/test_check.py"),
    "lowering/reference/hermiticity.py": ("tests/lowering/test_reference_hermiticity.py",),
    "lowering/reference/parameters.py": (*REFERENCE, "tests/operators/test_parameters.py"),
    "lowering/reference/columns.py": (*REFERENCE, "tests/operators/test_parameters.py"),
    "lowering": REFERENCE,
}


@attrs.frozen
class Mutant:
    """One file, changed in one place."""

    path: Path
    operator: str
    source: str

    @property
    def where(self) -> str:
        """The lines that differ, the file in front."""
        old, new = self.path.read_text().splitlines(), self.source.splitlines()
        changed = [number for number, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]]
        line = changed[0] if changed else len(new) - 1
        was = old[line].strip()
        return f"{self.path.relative_to(PACKAGE)}:{line + 1}  {was}  ->  {new[line].strip()}  ({self.operator})"


class _Run(ast.NodeTransformer):
    """What of a module runs: annotations do not, and ``strict`` of a zip changes nothing where lengths are equal."""

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        self.generic_visit(node)
        node.annotation = ast.Constant(0)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        node.returns = None
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id == "zip":
            node.keywords = []
        return node

    def visit_If(self, node: ast.If) -> ast.AST:
        self.generic_visit(node)
        return ast.Pass() if isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING" else node


def meaning(source: str) -> str:
    """Equal for sources that run alike for they differ in annotations only."""
    return ast.dump(_Run().visit(ast.parse(source)))


def mutants(path: Path) -> Iterator[Mutant]:
    """All mutants of a file, in an order that does not change."""
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator, operator_names

    code = path.read_text()
    seen = {meaning(code)}
    for name in sorted(operator_names()):
        try:
            operator = get_operator(name)()
        except TypeError:
            continue  # it wants arguments: it is told what to replace
        occurrence = 0
        while (source := mutate_code(code, operator, occurrence)) is not None:
            with suppress(SyntaxError):  # it took the * of a signature for a product
                made = meaning(source)
                if made not in seen:
                    seen.add(made)
                    yield Mutant(path, name, source)
            occurrence += 1


def selection(path: Path) -> tuple[str, ...]:
    """The tests of a file: those of the longest entry that its path begins with."""
    name = path.relative_to(PACKAGE).as_posix()
    return SELECTIONS[max((part for part in SELECTIONS if name.startswith(part)), key=len)]


class FirstFailure:
    """Plugin of pytest that writes the name of the first test that failed."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed:
            self.file.write_text(report.nodeid)


def run(mutant: Mutant, tests: tuple[str, ...], note: Path) -> int:
    """In a process of its own: the exit status of the tests. A process that a signal ends has noticed the mutant, too."""
    import pytest

    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 5))
    signal.alarm(SECONDS + 30)  # for what waits and does nothing
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    given = importlib.machinery.SourceFileLoader.get_code
    loaded = []

    def get_code(self: Any, fullname: str) -> Any:
        if self.path == str(mutant.path):
            loaded.append(fullname)
            return compile(mutant.source, self.path, "exec", dont_inherit=True)
        return given(self, fullname)

    importlib.machinery.SourceFileLoader.get_code = get_code  # in this fork only
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    quietly = ("-x", "-q", "--assert=plain", "-p", "no:cacheprovider", "-p", "no:xdist")
    status = int(pytest.main([*quietly, *tests], [FirstFailure(note)]))
    if not loaded:
        raise RuntimeError(f"no test of {tests} imports {mutant.path}")
    return status


@attrs.frozen
class Outcome:
    """What became of a mutant: by which test it was noticed, or by what end; ``seconds`` of the processor's time."""

    mutant: Mutant
    noticed: bool
    by: str
    seconds: float

    @property
    def by_signal(self) -> bool:
        return self.by.startswith("signal")


def tried(all_of_them: list[Mutant], processes: int, folder: Path) -> Iterator[Outcome]:
    """Each mutant in a fork, so many at once; in the order in which they end."""
    for name in ("hypothesis.strategies", "jax.numpy", "networkx", "pytest"):
        importlib.import_module(name)
    os.environ.pop("NQX_SOAK", None)
    os.chdir(ROOT)
    running: dict[int, Mutant] = {}
    waiting = iter(all_of_them)
    while True:
        while len(running) < processes and (mutant := next(waiting, None)) is not None:
            child = os.fork()
            if child == 0:
                status = 3
                try:
                    status = run(mutant, selection(mutant.path), folder / str(os.getpid()))
                except BaseException:
                    (folder / str(os.getpid())).write_text(traceback.format_exc())
                finally:
                    os._exit(status)
            running[child] = mutant
        if not running:
            return
        child, status, used = os.wait4(-1, 0)
        mutant, note = running.pop(child), folder / str(child)
        end = (
            f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else f"status {os.waitstatus_to_exitcode(status)}"
        )
        by = "" if status == 0 else note.read_text() if note.exists() else end
        note.unlink(missing_ok=True)
        yield Outcome(mutant, status != 0, by, used.ru_utime + used.ru_stime)


def files(names: list[str]) -> list[Path]:
    """The files of the package under these folders and names."""
    found = [
        path for name in names for path in ([PACKAGE / name] if name.endswith(".py") else (PACKAGE / name).rglob("*"))
    ]
    return sorted(path for path in found if path.suffix == ".py")


def unchanged(path: Path) -> Mutant:
    """No mutant: its tests have to pass."""
    return Mutant(path, "nothing", path.read_text())


@attrs.frozen
class Score:
    """How many mutants of a part of the package were noticed, and the others."""

    outcomes: list[Outcome]

    @property
    def survivors(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if not outcome.noticed]

    @property
    def share(self) -> float:
        return 1 - len(self.survivors) / max(1, len(self.outcomes))

    def __str__(self) -> str:
        total = Counter(outcome.mutant.path for outcome in self.outcomes)
        survived = Counter(outcome.mutant.path for outcome in self.survivors)
        lines = [f"{n - survived[path]:5} of {n:5}  {path.relative_to(PACKAGE)}" for path, n in sorted(total.items())]
        noticed = len(self.outcomes) - len(self.survivors)
        ended = sum(outcome.by_signal for outcome in self.outcomes)
        lines.append(f"{noticed} of {len(self.outcomes)} noticed: {self.share:.1%}; {ended} of them ended by a signal")
        return "\n".join(lines)


def score(chosen: list[Mutant], processes: int, verbose: bool = False) -> Score:
    """Try these, after their files as they are; what survives is printed on the way.

    Raises RuntimeError where the tests of a file fail without any change, or take so long: they would notice every mutant.
    """
    outcomes = []
    with tempfile.TemporaryDirectory() as folder:
        for control in tried([unchanged(path) for path in sorted({m.path for m in chosen})], processes, Path(folder)):
            if control.noticed:
                raise RuntimeError(f"the tests of {control.mutant.path} fail as it is: {control.by}")
            if 2 * control.seconds > SECONDS:
                raise RuntimeError(
                    f"the tests of {control.mutant.path} take {control.seconds:.0f} s of {SECONDS} as it is"
                )
        for outcome in tried(chosen, processes, Path(folder)):
            outcomes.append(outcome)
            if verbose or not outcome.noticed:
                print(f"{outcome.seconds:5.1f} s  {outcome.mutant.where}  {outcome.by or 'SURVIVED'}", flush=True)
    return Score(outcomes)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="+", help="folders and files under nqx_graph")
    parser.add_argument("--every", type=int, default=1, help="try one mutant in so many")
    parser.add_argument("--start", type=int, default=0, help="the number of the first")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--verbose", action="store_true", help="name what is noticed, too, and by which test")
    parser.add_argument("--at-least", type=float, default=0, metavar="PERCENT", help="fail where fewer are noticed")
    given = parser.parse_args()
    chosen = [mutant for path in files(given.names) for mutant in mutants(path)][given.start :: given.every]
    found = score(chosen, given.processes, given.verbose)
    print(found)
    return int(100 * found.share < given.at_least)


if __name__ == "__main__":
    sys.exit(main())

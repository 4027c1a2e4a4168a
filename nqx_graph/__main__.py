"""``python -m nqx_graph``: the demo, the graph drawn, and failure bundles run again."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path


def main(arguments: list[str] | None = None) -> int:
    """Run a command; the exit status is 0 where everything was as expected."""
    parser = argparse.ArgumentParser(
        prog="python -m nqx_graph", description="A compiler for discrete quantum operators."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("demo", help="compile three models and check their ground states against closed forms")
    graph = commands.add_parser("graph", help="draw the stages, what flows between them, and the gate")
    graph.add_argument("--format", choices=("text", "table", "mermaid", "dot", "svg"), default="text")
    graph.add_argument("-o", dest="file", type=Path, metavar="FILE", help="write to a file, whole or not at all")
    again = commands.add_parser(
        "replay",
        help="run a failure bundle again",
        description="Run again what dump_dir= wrote. Exit status 0: the same error in the same stage; 1: another one, or "
        "none; 2: it cannot be run here.",
    )
    again.add_argument("file", help="the JSON file that dump_dir= wrote")
    chosen = parser.parse_args(arguments)
    if chosen.command == "replay":
        return _replay(chosen.file)
    if chosen.command == "graph":
        return _graph(chosen.format, chosen.file)
    import jax

    jax.config.update("jax_enable_x64", True)  # type: ignore[no-untyped-call]  # JAX does not type it
    from nqx_graph.demo import run_demo

    return run_demo()


def _graph(format: str, file: Path | None) -> int:
    from nqx_graph.graph import describe
    from nqx_graph.stages import default_graph

    graph = default_graph()
    drawing = (describe(graph) if format == "table" else graph.draw(format)) + "\n"
    if file is None:
        try:
            sys.stdout.write(drawing)
        except UnicodeEncodeError:
            # A terminal or pipe whose encoding has no box-drawing characters.
            sys.stdout.buffer.write(drawing.encode())
        return 0
    try:
        _write(file, drawing)
    except OSError as error:
        print(f"Cannot write {file}: {error.strerror or error}.", file=sys.stderr)
        return 1
    return 0


def _write(file: Path, text: str) -> None:
    """Replace a file by one that is complete, so that no reader ever sees half of it."""
    file = file.resolve()
    if file.exists() and not file.is_file():
        # To replace a device or a pipe would be to destroy it.
        file.write_text(text, encoding="utf-8", newline="\n")
        return
    draft = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    try:
        with draft.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


def _replay(file: str) -> int:
    from nqx_graph.debug import replay
    from nqx_graph.errors import BundleError, IRFormatError

    try:
        outcome = replay(file)
    except (OSError, BundleError, IRFormatError) as error:
        print(error, file=sys.stderr)
        return 2
    print(outcome)
    return 0 if outcome.same else 1


if __name__ == "__main__":
    sys.exit(main())

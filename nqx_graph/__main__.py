"""``python -m nqx_graph``: the demo, and the graph as text."""

from __future__ import annotations

import argparse
import sys


def main(arguments: list[str] | None = None) -> int:
    """Run a command; the exit status is 0 where everything was as expected."""
    parser = argparse.ArgumentParser(
        prog="python -m nqx_graph", description="A compiler for discrete quantum operators."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("demo", help="compile three models and check their ground states against closed forms")
    commands.add_parser("graph", help="print the stages with what they read and write, and the gate")
    chosen = parser.parse_args(arguments)
    if chosen.command == "graph":
        from nqx_graph.graph import describe
        from nqx_graph.stages import default_graph

        print(describe(default_graph()))
        return 0
    import jax

    jax.config.update("jax_enable_x64", True)  # type: ignore[no-untyped-call]
    from nqx_graph.demo import run_demo

    return run_demo()


if __name__ == "__main__":
    sys.exit(main())

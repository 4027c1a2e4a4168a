"""Debugging a compile: three arguments of a compile call, none of them part of the key.

``instruments=`` are told what the call does (``nqx_graph.graph.instruments``). ``verify=True`` holds stages and store to
what they promise (``audit``, with ``snapshot``, ``conforms`` and ``agreement``). ``dump_dir=`` gets a bundle when the call
fails (``bundle``), and :func:`replay` runs it again (``reading``, ``rebuilding``, ``replay``).
"""

from nqx_graph.debug.arguments import checked_arguments
from nqx_graph.debug.audit import execute_verified
from nqx_graph.debug.bundle import with_bundle
from nqx_graph.debug.reading import Bundle, read_bundle
from nqx_graph.debug.replay import Replay, replay

__all__ = ["Bundle", "Replay", "checked_arguments", "execute_verified", "read_bundle", "replay", "with_bundle"]

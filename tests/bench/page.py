"""The page that a run writes: tables with ratios, what they say of the bars, plots; all computed from the times."""

from __future__ import annotations

import datetime
import importlib.metadata
import os
import platform
import statistics
from pathlib import Path

import attrs

PACKAGES = (
    "jax", "jaxlib", "numpy", "networkx", "netket", "nkdsl", "qiskit", "xdsl", "pytest-benchmark",
)  # fmt: skip
UNITS = (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6), ("ns", 1e-9))


@attrs.frozen
class Bar:
    """At most ``at_most`` times the fastest of the contenders ``of``; without ``of``, at most that many seconds."""

    what: str
    at_most: float
    of: tuple[str, ...] = ()
    whose: str | None = None


@attrs.frozen
class Curve:
    """Where a table stands in a plot: which one, at what abscissa, and what its contenders are called there."""

    plot: str
    at: float
    lines: dict[str, str]


def quartiles(samples):
    """Lower quartile, median, upper quartile; of one sample, that sample."""
    return tuple(statistics.quantiles(samples, n=4)) if len(samples) > 1 else (samples[0],) * 3


def present(samples):
    """The samples of the rounds that were run."""
    return [sample for sample in samples if sample is not None]


def ratios(own, other):
    """Pair by pair, from the rounds in which both ran."""
    return [a / b for a, b in zip(own, other, strict=True) if a is not None and b is not None]


def fastest(times, names):
    """Whose median is the smallest."""
    return min(names, key=lambda name: statistics.median(present(times[name])))


def spread(numbers):
    """``0.93 (0.90 to 0.97)``: the median and the quartiles."""
    low, middle, high = quartiles(numbers)
    return f"{short(middle)} ({short(low)} to {short(high)})"


def short(number):
    """Three digits, without exponents where they can be avoided."""
    if abs(number) >= 1000:
        return f"{number:,.0f}"
    return f"{number:.3g}" if abs(number) >= 1e-4 or number == 0 else f"{number:.2e}"


def seconds(number):
    """A time in the unit that suits it."""
    unit, scale = next(((unit, scale) for unit, scale in UNITS if abs(number) >= scale), UNITS[-1])
    return f"{number / scale:.3g} {unit}"


class Page:
    """What a run has measured."""

    def __init__(self):
        self.sections = {}  # module: its tables as text
        self.verdicts = []
        self.curves = {}  # plot: line: abscissa: times

    def record(self, module, title, times, *, subject=None, bars=(), curve=None, note=None):
        """Add a table, ``times`` in seconds, and what it says of the bars; returns its text.

        ``subject`` is whose times are divided by every other's; the first, where it is not given.
        """
        subject = subject or next(iter(times))
        lines = [f"### {title}", "", f"| | median | quartiles | rounds | {subject} / this |", "|---|---|---|---|---|"]
        for name, samples in times.items():
            low, middle, high = map(seconds, quartiles(present(samples)))
            lines.append(
                f"| {name} | {middle} | {low} to {high} | {len(present(samples))} | {spread(ratios(times[subject], samples))} |"
            )
        for bar in bars:
            lines += ["", self._judge(bar, times, bar.whose or subject)]
        if note:
            lines += ["", note]
        if curve is not None:
            self.curve(curve, times)
        text = "\n".join(lines) + "\n"
        self.sections.setdefault(module, []).append(text)
        return text

    def curve(self, curve, times):
        """Add a point to each line of a plot."""
        for name, line in curve.lines.items():
            self.curves.setdefault(curve.plot, {}).setdefault(line, {})[curve.at] = present(times[name])

    def _judge(self, bar, times, own):
        if bar.of:
            best = fastest(times, bar.of)
            numbers = ratios(times[own], times[best])
            found, against = spread(numbers), f"{own} / {best}"
        else:
            numbers = present(times[own])
            low, middle, high = map(seconds, quartiles(numbers))
            found, against = f"{middle} ({low} to {high})", own
        holds = statistics.median(numbers) <= bar.at_most
        limit = short(bar.at_most) if bar.of else seconds(bar.at_most)
        if bar.of and bar.at_most < 0.2:
            limit = f"1/{round(1 / bar.at_most)} = {short(bar.at_most)}"
        verdict = "holds" if holds else "**does not hold**"
        self.verdicts.append(f"| {bar.what} | {against} | {limit} | {found} | {verdict} |")
        return f"Bar: {against} at most {limit}; {found}: {verdict}."

    def summary(self):
        """Every bar, with what was found."""
        head = ["| what | ratio or time | at most | median (quartiles) | |", "|---|---|---|---|---|"]
        return "\n".join(head + self.verdicts) + "\n"

    def text(self, plots):
        """The page; its plots are written into that folder."""
        parts = [
            "# Performance",
            "Written by `tox -e bench`: medians and quartiles of runs interleaved in one process, every contender once in every "
            "round. Ratios are taken pair by pair, from the same round. Before anything is timed its result is compared with the "
            "peer's: as an operator, by the local energies of a random state.",
            f"Measured on {datetime.date.today().isoformat()}; {machine()}; {versions()}.",
            "## Bars\n\n" + self.summary().strip(),
        ]
        for module, tables in self.sections.items():
            parts.append(f"## {module.SECTION}\n\n{(module.__doc__ or '').split(chr(10) * 2)[0].strip()}")
            for plot, (title, abscissa) in getattr(module, "PLOTS", {}).items():
                if plot in self.curves:
                    file = draw(plots, plot, title, abscissa, self.curves[plot])
                    parts.append(f"![{title}]({plots.name}/{file})")
            parts += [table.strip() for table in tables]
        return "\n\n".join(parts) + "\n"


def draw(folder, name, title, abscissa, lines):
    """A plot of times as SVG: medians with their quartiles, both axes logarithmic. Returns the file's name."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": name, "svg.fonttype": "none", "font.size": 9})
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(6, 3.6), layout="constrained")
    for (line, points), marker in zip(lines.items(), "osD^vP*X", strict=False):
        at = sorted(points)
        low, middle, high = zip(*(quartiles(points[x]) for x in at), strict=True)
        below = [m - v for m, v in zip(middle, low, strict=True)]
        above = [v - m for m, v in zip(middle, high, strict=True)]
        axes.errorbar(
            at, middle, yerr=(below, above), marker=marker, markersize=4, capsize=2, label=line, linewidth=1.2
        )
    axes.set(xscale="log", yscale="log", xlabel=abscissa, ylabel="seconds", title=title)
    ticks = sorted({x for points in lines.values() for x in points})
    axes.set_xticks(ticks, [f"{x:,}" for x in ticks])
    axes.set_xticks([], minor=True)
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    file = f"performance_{name}.svg"
    Path(folder).mkdir(parents=True, exist_ok=True)
    figure.savefig(Path(folder) / file, metadata={"Date": None, "Creator": None})
    plt.close(figure)
    return file


def machine():
    """The processor, its cores and Python."""
    model = ""
    try:
        facts = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        model = next((line.split(":", 1)[1].strip() + ", " for line in facts if line.startswith("model name")), "")
    except OSError:
        pass  # only Linux tells it so
    return f"{model}{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def versions():
    """The versions of the packages measured."""
    known = {}
    for name in PACKAGES:
        try:
            known[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return ", ".join(f"{name} {version}" for name, version in known.items())

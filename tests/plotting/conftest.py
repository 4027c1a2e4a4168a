"""Pictures are drawn without a screen, and closed after each test."""

import matplotlib
import matplotlib.pyplot as plt
import pytest

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def no_figure_left_open():
    yield
    plt.close("all")


@pytest.fixture(autouse=True)
def nothing_is_shown(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("a picture was shown")

    monkeypatch.setattr(plt, "show", refuse)

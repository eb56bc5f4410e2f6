"""From figures to places: a linear or a logarithmic axis, and the ticks that stand at it."""
import math


def steps(largest, at_most):
    """The step of 1, 2 or 5 times a power of ten that takes at most so many to the largest."""
    power = 10 ** math.floor(math.log10(largest / at_most))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor * at_most >= largest)


class Linear:
    def __init__(self, values, width):
        self._largest, self._width = max(values), width
        step = steps(self._largest, 4)
        self.ticks = [step * i for i in range(int(self._largest / step) + 1)]

    def at(self, value):
        return self._width * value / self._largest


class Logarithmic:
    """From the power of ten below the least to the one above the largest."""

    def __init__(self, values, width):
        self._low = math.floor(math.log10(min(values)))
        self._high = max(self._low + 1, math.ceil(math.log10(max(values))))
        self._width = width
        self.ticks = [10.0 ** power for power in range(self._low, self._high + 1)]

    def at(self, value):
        return self._width * (math.log10(value) - self._low) / (self._high - self._low)


def short(value):
    """A tick's label: 0.1, 20, 150k."""
    return f"{value / 1000:g}k" if value >= 1000 else f"{value:g}"


def figure(value):
    """A figure beside its bar: three digits that mean something."""
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"

"""What the run is, in the words of the contract: told at the start and when the schedule or what can be had changes."""

from .._enums import Sampling
from .._report import RunDescription

VALUES = ("loss", "accuracy", "held_out_loss", "held_out_accuracy", "tokens", "clip_coefficient", "learning_rate")
_FIRST_PROMISE, _LEAST_PROMISE, _LONGEST_PROMISE = 300.0, 60.0, 86400.0


class RunDescriber:
    """Remembers what it said last."""

    def __init__(self, options, rules, layer_map, units, compiled, ranks):
        self._compiled, self._ranks = compiled, ranks
        self._options, self._rules, self._map, self._exact = options, rules, layer_map, units.exact
        self._promise = _FIRST_PROMISE

    def stale(self, schedule):
        """Whether the promise of the next report has to be told again: longer at once, shorter by a factor of four. Three times the longest gap, in doubled minutes."""
        seconds = _LEAST_PROMISE
        while seconds < 3 * schedule.gap_seconds and seconds < _LONGEST_PROMISE:
            seconds *= 2
        if self._promise / 4 < seconds <= self._promise:
            return False
        self._promise = seconds
        return True

    def describe(self, schedule, lags, step):
        """The message."""
        options = self._options
        description = RunDescription(
            self._rules[0].describe(), options.dataset_size or 0, options.batch_size or 0, Sampling[(options.sampling or "unspecified").upper()], parameters=sum(p.tensor.numel() for p in self._map.parameters),
            schedule=schedule.message(), report_promise_seconds=self._promise, tags=dict(options.tags))
        for layer, reason in self._exact.missing.items():
            description.unavailable[f"example_grad_sq/{layer}"] = reason
        if self._map.sharded:
            description.unavailable["example_grad_sq"] = description.unavailable["rms_staleness"] = "parameters are sharded over the ranks"
        elif self._compiled:
            description.unavailable["example_grad_sq"] = "the model is compiled; exact_interval asks for it all the same"
        if self._ranks > 1:
            description.unavailable["cross_by_lag"] = "examples move between ranks, and no rank knows when another saw one"
        elif step > options.first_step and not lags.given:
            description.unavailable["cross_by_lag"] = "no example ids"
        unknown = sorted({type(p.rule.optimizer).__name__ for p in self._map.parameters if not p.rule.knows(p)})
        if unknown:
            description.unavailable["self_second_moment"] = f"the formula of {', '.join(unknown)} is not known; own and cross come from a sample of the weights"
        return description

"""One training after another in a process: when the watched one is over, what the next run is called, and when to stop following."""

# Steps of optimizers that were made later, with none of the watched one between them, after which it is over.
_PATIENCE = 16

# Trainings of fewer steps are no runs of their own (inner loops of meta-learning): after so many of them in a row nothing more is watched.
_SHORT, _MOST_SHORT = 50, 3

# Optimizers made while a training is watched that are waited for.
_MOST_NEWER = 32


class Succession:
    """Counts. Knows steps of the watched training only as it is told."""

    def __init__(self):
        self._runs = self._short = self._newer = 0
        self._first = self._reached = self._since = 0

    def begin(self, configuration, first_step):
        """A training begins; its configuration: from the second on the run's names are numbered."""
        self._runs += 1
        self._first, self._reached, self._since, self._newer = first_step, first_step, 0, 0
        if self._runs == 1:
            return configuration
        endings = {"run_id": f"-{self._runs}", "run_name": f" ({self._runs})"}
        return {name: value + endings[name] if name in endings and value else value for name, value in configuration.items()}

    def admits(self):
        """Whether one more newer optimizer is waited for."""
        self._newer += 1
        return self._newer <= _MOST_NEWER

    def replaced(self, step):
        """After a step of a newer optimizer, with the watched training's step: whether that is over."""
        if step != self._reached:
            self._reached, self._since = step, 0
        self._since += 1
        return self._since >= _PATIENCE

    def ended(self, step):
        """The watched training is over at that step; whether the next one is watched."""
        self._short = self._short + 1 if step - self._first < _SHORT else 0
        return self._short < _MOST_SHORT

"""What comes back from the server, as plain Python."""

from dataclasses import dataclass, field
from typing import Dict, List


@dataclass(frozen=True)
class Alert:
    """One transition of one alert of this run."""

    id: str  # "<run>/<rule>" or "<run>/<rule>/<layer>"
    ordinal: int  # 1, 2, ... over the transitions of the run's alerts
    rule: str  # "memorization_onset", "loss_spike", ...
    layer: str  # empty: the whole run
    severity: str  # "info", "warning" or "critical"
    state: str  # "pending", "firing" or "resolved"
    step: int  # optimizer step of the transition
    since_step: int  # first step of the condition
    time_unix_ns: int  # trainer's clock of that step
    summary: str  # one plain sentence with the numbers
    advice: str  # what a person can do
    statistic: str = ""  # what was compared
    value: float = float("nan")
    threshold: float = float("nan")
    values: Dict[str, float] = field(default_factory=dict)  # other numbers by name


@dataclass(frozen=True)
class Advice:
    """What the server would like."""

    should_stop: bool = False
    probe_now: List[str] = field(default_factory=list)  # kinds of probes, "SHARPNESS", ...

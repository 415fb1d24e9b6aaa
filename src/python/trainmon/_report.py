"""What the statistics say, as plain Python: the messages of the wire contract without protobuf, so that the same code runs where only the standard
library and torch are. Field names are those of protos/trainmon/v1; None means absent. A transport turns them into bytes."""

from array import array
from dataclasses import dataclass, field
from typing import Dict, List, Optional

from ._enums import Combination, EndReason, FLOAT64, OptimizerKind, ProbeKind, Sampling, Statistic


@dataclass
class Layer:
    """A parameter tensor or a group of tensors (weight and bias of one module)."""

    name: str
    kind: str = ""
    parameters: int = 0
    shape: List[int] = field(default_factory=list)


@dataclass
class ColumnDeclaration:
    """How the ranks of a column combine."""

    statistic: Statistic
    combination: Combination


@dataclass
class LayerTable:
    """The layers that columns are indexed by. Version 0 becomes the next one when it is sent."""

    layers: List[Layer]
    columns: List[ColumnDeclaration]
    version: int = 0


@dataclass
class OptimizerDescription:
    """Update rule and its constants at the start."""

    kind: OptimizerKind = OptimizerKind.OTHER
    name: str = ""
    learning_rate: float = 0.0
    momentum: float = 0.0
    dampening: float = 0.0
    nesterov: bool = False
    beta1: float = 0.0
    beta2: float = 0.0
    epsilon: float = 0.0
    weight_decay: float = 0.0
    decoupled_decay: bool = False
    amsgrad: bool = False
    update_includes_decay: bool = False
    alpha: float = 0.0


@dataclass
class Schedule:
    """How often statistics are taken; part of the stream."""

    pair_interval: int = 0
    exact_interval: int = 0
    probe_interval: int = 0
    budget: float = 0.0
    adaptive: bool = False


@dataclass
class RunDescription:
    """What the run is; 0 or absent: unknown."""

    optimizer: Optional[OptimizerDescription] = None
    dataset_size: int = 0
    batch_size: int = 0
    sampling: Sampling = Sampling.UNSPECIFIED
    steps_per_epoch: int = 0
    planned_steps: int = 0
    parameters: int = 0
    schedule: Optional[Schedule] = None
    report_promise_seconds: float = 0.0
    tags: Dict[str, str] = field(default_factory=dict)
    unavailable: Dict[str, str] = field(default_factory=dict)


@dataclass
class StepValues:
    """Values of the whole step."""

    loss: Optional[float] = None
    learning_rate: Optional[float] = None
    accuracy: Optional[float] = None
    held_out_loss: Optional[float] = None
    held_out_accuracy: Optional[float] = None
    tokens: Optional[float] = None
    step_seconds: Optional[float] = None
    monitor_seconds: Optional[float] = None
    zero_grad_examples: Optional[float] = None
    clip_coefficient: Optional[float] = None
    epoch: Optional[float] = None
    samples: Optional[float] = None


@dataclass
class LagSums:
    """Sums over a batch for the regression of the cross term on the lag."""

    count: int
    sum_cross: float
    sum_z: float
    sum_cross_z: float
    sum_z_sq: float
    sum_cross_sq: float


@dataclass
class CanarySums:
    """The random-label canaries of one batch, from the outputs of its own forward pass."""

    choices: int = 0
    canaries: int = 0
    pass_: int = field(default=0, metadata={"name": "pass"})  # a word of Python
    rank_counts: bytes = b""
    sum_loss: float = 0.0
    sum_advantage: float = 0.0
    sum_advantage_sq: float = 0.0
    sum_pull: float = 0.0
    others: int = 0
    others_sum_pull: float = 0.0
    train_count: int = 0
    train_sum_loss: float = 0.0


@dataclass
class SentinelSums:
    """The losses of the examples that are withheld from training, before this step."""

    fresh_count: int = 0
    fresh_sum_loss: float = 0.0
    fresh_sum_loss_sq: float = 0.0
    seen_count: int = 0
    seen_sum_loss: float = 0.0
    seen_sum_loss_sq: float = 0.0
    unseen_epochs: int = 0
    reference_step: int = 0
    paired_count: int = 0
    sum_rise: float = 0.0
    sum_rise_sq: float = 0.0


@dataclass
class StepReport:
    """One optimizer step of one rank. `columns` has a float64 value a layer for each statistic; `packed` narrows those that go as float32."""

    step: int
    time_unix_ns: int = 0
    layer_table_version: int = 0
    columns: Dict[Statistic, array] = field(default_factory=dict)
    values: StepValues = field(default_factory=StepValues)
    lag: Optional[LagSums] = None
    batch_size: int = 0
    unit_count: int = 0
    unit_size: int = 0
    epoch_seam: bool = False
    skipped: bool = False
    pair_invalid: bool = False
    exact: bool = False
    canaries: Optional[CanarySums] = None
    sentinels: Optional[SentinelSums] = None

    def packed(self):
        """(statistic, array of 'f' or 'd') for each column, in the contract's order."""
        for statistic in sorted(self.columns):
            column = self.columns[statistic]
            yield statistic, column if statistic in FLOAT64 else array("f", column)


@dataclass
class ProbeResult:
    """What one probe measured."""

    kind: ProbeKind
    step: int
    value: float
    standard_error: Optional[float] = None
    evaluations: int = 0
    converged: bool = False
    seconds: float = 0.0
    examples: int = 0
    time_unix_ns: int = 0


@dataclass
class LogScalars:
    """Numbers of the user's own."""

    step: int
    scalars: Dict[str, float]
    time_unix_ns: int = 0


@dataclass
class Goodbye:
    """The rank ends on purpose."""

    reason: EndReason
    message: str = ""
    steps_thinned: int = 0
    time_unix_ns: int = 0


@dataclass
class Identity:
    """Who reports: the Hello of the wire contract without what a connection adds."""

    run_id: str
    project: str
    run_name: str
    client_start_id: str
    rank: int
    world_size: int
    restart_count: Optional[int]
    client: str
    host: str
    process_id: int
    time_unix_ns: int
    description: RunDescription = field(default_factory=RunDescription)


def wire_name(entry):
    """The contract's name of a field of these."""
    return entry.metadata.get("name", entry.name)

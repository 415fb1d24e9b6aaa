"""The enums of the wire contract (protos/trainmon/v1), with the numbers and names they have there."""

from enum import IntEnum


class WireEnum(IntEnum):
    """An enum of the contract. `wire_name` is the name that proto3 JSON uses."""

    @property
    def wire_name(self):
        return _PREFIXES[type(self)] + self.name


class Statistic(WireEnum):
    """One statistic of one layer at one step; formulas in docs/statistics.md."""

    GRAD_SQ = 1
    EXAMPLE_GRAD_SQ = 2
    OWN = 3
    CROSS = 4
    SELF_SECOND_MOMENT = 5
    SELF_MEAN_SQ = 6
    GRAD_DOT_WEIGHT = 7
    DECAY_OWN = 8
    DECAY_CROSS = 9
    WEIGHT_SQ = 10
    UPDATE_SQ = 11
    MOMENTUM_SQ = 12
    SECOND_MOMENT_SUM = 13
    RMS_STALENESS = 14
    GATE_OPEN = 15
    GATE_TOTAL = 16
    GATE_OPEN_PROXY = 17
    GATE_TOTAL_PROXY = 18
    NONFINITE = 19


# Where a small difference of large sums follows.
FLOAT64 = frozenset({Statistic.OWN, Statistic.CROSS, Statistic.SELF_SECOND_MOMENT, Statistic.SELF_MEAN_SQ, Statistic.DECAY_OWN, Statistic.DECAY_CROSS})

# A report with one of these says how many units are behind it.
OF_UNITS = frozenset({Statistic.EXAMPLE_GRAD_SQ, Statistic.SELF_SECOND_MOMENT, Statistic.SELF_MEAN_SQ, Statistic.GATE_OPEN, Statistic.GATE_TOTAL})


class Combination(WireEnum):
    """How the values of the ranks of one step combine into the value of the run."""

    REPLICATED = 1
    SHARDED = 2
    RANK_LOCAL = 3


class Sampling(WireEnum):
    """How batches are drawn."""

    UNSPECIFIED = 0
    SHUFFLED = 1
    WITH_REPLACEMENT = 2
    FULL_BATCH = 3
    STREAMING = 4
    SEQUENTIAL = 5


class OptimizerKind(WireEnum):
    """Update rules the server knows."""

    SGD = 1
    ADAM = 2
    ADAMW = 3
    RMSPROP = 4
    OTHER = 15


class ProbeKind(WireEnum):
    """What a probe measured."""

    SHARPNESS = 1
    PRECONDITIONED_SHARPNESS = 2
    BATCH_SHARPNESS = 3
    CRITICAL_SHARPNESS = 4
    HESSIAN_TRACE = 5
    NEXT_BATCH_GAIN = 6


class EndReason(WireEnum):
    """How a run ended."""

    FINISHED = 1
    FAILED = 2
    INTERRUPTED = 3


_PREFIXES = {
    Statistic: "LAYER_STATISTIC_",
    Combination: "RANK_COMBINATION_",
    Sampling: "SAMPLING_SCHEME_",
    OptimizerKind: "OPTIMIZER_KIND_",
    ProbeKind: "PROBE_KIND_",
    EndReason: "",
}

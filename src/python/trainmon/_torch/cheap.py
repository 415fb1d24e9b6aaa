"""The statistics that need no more than gradients, weights and the optimizer's state. All are taken before the step: the update is predicted from the state,
the previous one is still in it. Sums are float64, stacked into one tensor and read once."""

from array import array

import torch

from .._enums import Statistic

OF_UPDATE = (Statistic.OWN, Statistic.UPDATE_SQ, Statistic.SELF_MEAN_SQ)


class ParameterStep:
    """A parameter that has a gradient at this step, and what the step will do to it."""

    def __init__(self, parameter, gradient, prediction, previous):
        self.parameter, self.gradient, self.prediction, self.previous = parameter, gradient, prediction, previous


class CheapSet:
    """Reads one step."""

    def __init__(self, layer_map, rule):
        self._map, self._rule = layer_map, rule
        self.steps = []
        self.has_update = self.has_cross = False

    def prepare(self, second, save):
        """Gradients, predictions and previous updates. `second`: the step before was looked at too. `save`: the next step will want this update."""
        self.steps = []
        self.has_update, self.has_cross = True, second
        for parameter in self._map.parameters:
            gradient = parameter.tensor.grad
            if gradient is None:
                continue
            gradient = (gradient.to_dense() if gradient.is_sparse else gradient).detach()
            weight = parameter.tensor.detach()
            prediction = previous = None
            if self._rule.knows(parameter):
                previous = self._rule.previous(parameter, weight) if second else None
                prediction = self._rule.predict(parameter, gradient, weight)
                parameter.saved = prediction.update.clone() if save and self._rule.must_save(parameter) else None
                parameter.learning_rate = float(parameter.group["lr"])
            self.has_update &= prediction is not None
            self.has_cross &= previous is not None
            self.steps.append(ParameterStep(parameter, gradient, prediction, previous))
        self.has_cross &= bool(self.steps)
        self.has_update &= bool(self.steps)

    def take(self, clip=1.0):
        """Columns by statistic: an array('d') with a value a layer."""
        places, sums = [], []
        for step in self.steps:
            index = step.parameter.layer.index
            for statistic, value in self._sums(step):
                places.append((statistic, index))
                sums.append(value.to(torch.float64))
        for parameter in self._map.parameters:
            places.append((Statistic.WEIGHT_SQ, parameter.layer.index))
            sums.append(parameter.tensor.detach().square().sum(dtype=torch.float64))
        columns = {}
        for (statistic, index), value in zip(places, torch.stack(sums).tolist()):
            if statistic not in columns:
                columns[statistic] = array("d", bytes(8 * len(self._map.layers)))
            columns[statistic][index] += value
        return columns

    def _sums(self, step):
        g = step.gradient
        yield Statistic.GRAD_SQ, g.square().sum(dtype=torch.float64)
        yield Statistic.GRAD_DOT_WEIGHT, (g * step.parameter.tensor.detach()).sum(dtype=torch.float64)
        yield Statistic.NONFINITE, (g.numel() - torch.isfinite(g).sum()).to(torch.float64)
        if self.has_update:
            p = step.prediction
            yield Statistic.OWN, (g * p.update).sum(dtype=torch.float64)
            yield Statistic.UPDATE_SQ, p.update.square().sum(dtype=torch.float64)
            yield Statistic.SELF_MEAN_SQ, (g.square() * p.gain).sum(dtype=torch.float64)
            if p.first is not None:
                yield Statistic.MOMENTUM_SQ, p.first.square().sum(dtype=torch.float64)
            if p.second is not None:
                yield Statistic.SECOND_MOMENT_SUM, p.second.sum(dtype=torch.float64)
        if self.has_cross:
            yield Statistic.CROSS, (g * step.previous).sum(dtype=torch.float64)

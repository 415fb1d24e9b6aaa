"""What an optimizer's coming step will do, from the gradient and the state before it, and what its last step did. The formulas are those of torch.optim; an
optimizer that is not known gives no update; what it did is then read from the weights (snapshot.py)."""

import weakref

from .._enums import OptimizerKind
from .._report import OptimizerDescription
from .chunks import AdamUpdate, LinearUpdate
from .ranks import is_distributed, local
from .readout import number


class Prediction:
    """u_t = w_t - w_{t+1}, P = du/dg (a tensor or a number), and the moments after the step."""

    def __init__(self, update, gain, first=None, second=None):
        self.update, self.gain, self.first, self.second = update, gain, first, second


def rule_of(optimizer):
    """The rule of an optimizer by the names of its class's ancestors, so that subclasses of torch's own are known."""
    names = {cls.__name__ for cls in type(optimizer).__mro__ if cls.__module__.startswith("torch.optim")}
    if "AdamW" in names:
        return Adam(optimizer, decoupled=True)
    if "Adam" in names:
        return Adam(optimizer, decoupled=False)
    if "SGD" in names:
        return Sgd(optimizer)
    return Unknown(optimizer)


class Rule:
    """One optimizer's."""

    pieces = None  # "linear" or "adam": which of chunks.py takes its sums

    def __init__(self, optimizer):
        self._reference = weakref.ref(optimizer)  # what watches a training does not keep it alive

    @property
    def optimizer(self):
        """While it lives."""
        optimizer = self._reference()
        if optimizer is None:
            raise ReferenceError("the optimizer is gone")
        return optimizer

    def moments(self, parameter):
        """First and second moment before the step, or None."""
        state = self.state(parameter)
        return state.get("momentum_buffer"), None

    def has_previous(self, parameter):
        """Whether u_{t-1} can be said."""
        return parameter.learning_rate is not None and (not self.must_save(parameter) or parameter.saved is not None)

    def root_before(self, parameter):
        """sqrt(v_hat) + eps of the state before the step, or None."""
        return None

    def knows(self, parameter):
        """Whether the step of this parameter can be said."""
        return not parameter.group.get("maximize", False)

    def momentum(self):
        """How much of an update the next one repeats."""
        return 0.0

    def state(self, parameter):
        """The optimizer's state of a parameter; empty before its first step."""
        state = self.optimizer.state.get(parameter.tensor, {})
        return {name: local(value) for name, value in state.items()} if is_distributed(parameter.tensor) else state


class Unknown(Rule):
    """Gradients and weights only."""

    def knows(self, parameter):
        return False

    def describe(self):
        return OptimizerDescription(OptimizerKind.OTHER, name=type(self.optimizer).__name__)


class Sgd(Rule):
    """Plain, heavy-ball, Nesterov."""

    pieces = "linear"

    def linear(self, parameter):
        """u = a g + b w + c m and the buffer after the step likewise."""
        group = parameter.group
        momentum, rate, decay = group["momentum"], float(group["lr"]), group["weight_decay"]  # in memory
        if not momentum:
            return LinearUpdate((rate, rate * decay, 0.0), (0.0, 0.0, 0.0), rate)
        fresh = self.state(parameter).get("momentum_buffer") is None
        share, kept = (1.0, 0.0) if fresh else (1 - group["dampening"], momentum)
        first = (share, share * decay, kept)
        if group["nesterov"]:
            a = rate * (1 + momentum * share)
            return LinearUpdate((a, a * decay, rate * momentum * kept), first, a)
        return LinearUpdate((rate * share, rate * share * decay, rate * kept), first, rate * share)

    def has_previous(self, parameter):
        return super().has_previous(parameter) and (self.must_save(parameter) or self.state(parameter).get("momentum_buffer") is not None)

    def predict(self, parameter, gradient, weight):
        group = parameter.group
        momentum, nesterov, rate = group["momentum"], group["nesterov"], number(group["lr"])
        d = gradient.add(weight, alpha=group["weight_decay"]) if group["weight_decay"] else gradient
        if not momentum:
            return Prediction(d * rate, rate)
        buffer = self.state(parameter).get("momentum_buffer")
        first = d if buffer is None else buffer.to(d.dtype) * momentum + d * (1 - group["dampening"])
        of_gradient = 1.0 if buffer is None else 1 - group["dampening"]
        if nesterov:
            return Prediction((d + first * momentum) * rate, rate * (1 + momentum * of_gradient), first)
        return Prediction(first * rate, rate * of_gradient, first)

    def previous(self, parameter, weight):
        """u_{t-1}, or None where the state does not keep it."""
        group = parameter.group
        if group["momentum"] and not group["nesterov"]:
            buffer = self.state(parameter).get("momentum_buffer")
            return None if buffer is None else buffer * parameter.learning_rate
        return parameter.saved

    def must_save(self, parameter):
        """Whether u_t has to be kept for the step after."""
        return not parameter.group["momentum"] or parameter.group["nesterov"]

    def momentum(self):
        return float(self.optimizer.param_groups[0]["momentum"])

    def describe(self):
        group = self.optimizer.param_groups[0]
        return OptimizerDescription(
            OptimizerKind.SGD, type(self.optimizer).__name__, _known(group["lr"]), float(group["momentum"]), float(group["dampening"]), bool(group["nesterov"]),
            weight_decay=float(group["weight_decay"]), update_includes_decay=True)


class Adam(Rule):
    """Adam and AdamW; AMSGrad by the running maximum."""

    pieces = "adam"

    def __init__(self, optimizer, decoupled):
        super().__init__(optimizer)
        self._decoupled = decoupled

    def moments(self, parameter):
        state = self.state(parameter)
        return state.get("exp_avg"), state.get("exp_avg_sq")

    def has_previous(self, parameter):
        return parameter.learning_rate is not None and bool(self.state(parameter))

    def adam(self, parameter):
        """The constants of the coming step, for one that has been made before."""
        group, rate = parameter.group, float(parameter.group["lr"])
        decay = float(group["weight_decay"])
        return AdamUpdate(
            float(group["betas"][0]), float(group["betas"][1]), group["eps"], rate, rate * decay if self._is_decoupled(group) else 0.0, 0.0 if self._is_decoupled(group) else decay,
            self._steps(self.state(parameter)) + 1, parameter.learning_rate)

    def lost(self, parameter):
        """Share of the weights that decoupled decay took at the step before."""
        return parameter.learning_rate * parameter.group["weight_decay"] if self._is_decoupled(parameter.group) else 0.0

    def unbiased(self, parameter, prediction):
        """m_hat and v_hat after the step."""
        beta1, beta2 = parameter.group["betas"]
        steps = self._steps(self.state(parameter)) + 1
        return prediction.first.double() / (1 - beta1**steps), prediction.second.double() / (1 - beta2**steps)

    def root_before(self, parameter):
        state = self.state(parameter)
        if not state:
            return None
        second = state["max_exp_avg_sq"] if parameter.group.get("amsgrad") else state["exp_avg_sq"]
        return self._root(second.double(), self._steps(state), parameter.group["betas"][1], parameter.group["eps"])

    def _is_decoupled(self, group):
        return self._decoupled or bool(group.get("decoupled_weight_decay"))  # a flag of Adam since torch 2.7

    def predict(self, parameter, gradient, weight):
        group, state = parameter.group, self.state(parameter)
        beta1, beta2 = (float(beta) for beta in group["betas"])
        steps = self._steps(state) + 1
        rate, decay = number(group["lr"]), group["weight_decay"]
        d = gradient if self._is_decoupled(group) or not decay else gradient.add(weight, alpha=decay)
        first = d * (1 - beta1)
        second = d.square() * (1 - beta2)
        if state:
            first = first + state["exp_avg"].to(d.dtype) * beta1
            second = second + state["exp_avg_sq"].to(d.dtype) * beta2
        largest = state.get("max_exp_avg_sq") if group.get("amsgrad") else None
        effective = second if largest is None else second.maximum(largest.to(d.dtype))
        inverse = self._root(effective, steps, beta2, group["eps"]).reciprocal_().mul_(rate / (1 - beta1**steps))
        update = first * inverse
        if self._is_decoupled(group) and decay:
            update = update.add_(weight * (rate * decay))
        return Prediction(update, inverse * (1 - beta1), first, second)

    def previous(self, parameter, weight):
        """u_{t-1} from the state: w_t = w_{t-1}(1 - l) - a gives u_{t-1} = (l w_t + a)/(1 - l) with l the learning rate times the decay."""
        group, state = parameter.group, self.state(parameter)
        if not state or parameter.learning_rate is None:
            return None
        beta1, beta2 = group["betas"]
        steps = self._steps(state)
        second = state["max_exp_avg_sq"] if group.get("amsgrad") else state["exp_avg_sq"]
        a = self._root(second.to(weight.dtype), steps, beta2, group["eps"]).reciprocal_().mul_(state["exp_avg"].to(weight.dtype)).mul_(parameter.learning_rate / (1 - beta1**steps))
        lost = self.lost(parameter)
        return a.add_(weight * lost).div_(1 - lost) if self._is_decoupled(group) and group["weight_decay"] else a

    def must_save(self, parameter):
        return False

    def momentum(self):
        return float(self.optimizer.param_groups[0]["betas"][0])

    def describe(self):
        group = self.optimizer.param_groups[0]
        return OptimizerDescription(
            OptimizerKind.ADAMW if self._decoupled else OptimizerKind.ADAM, type(self.optimizer).__name__, _known(group["lr"]), beta1=float(group["betas"][0]), beta2=float(group["betas"][1]),
            epsilon=float(group["eps"]), weight_decay=float(group["weight_decay"]), decoupled_decay=self._decoupled, amsgrad=bool(group.get("amsgrad")), update_includes_decay=True)

    @staticmethod
    def _steps(state):
        # Fused and capturable optimizers count on the device: then what follows from it is a tensor there.
        steps = number(state["step"]) if state else 0
        return steps if isinstance(steps, (int, float)) else steps.double()

    @staticmethod
    def _root(second, steps, beta2, epsilon):
        return second.sqrt().div_((1 - beta2**steps) ** 0.5).add_(epsilon)


def _known(rate):
    rate = number(rate)
    return rate if isinstance(rate, float) else 0.0  # reports say it

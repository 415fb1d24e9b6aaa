"""Runs the probes that are due, before the optimizer's step."""

import statistics
import time

import torch

from ..._enums import ProbeKind
from ..._report import ProbeResult
from .critical import critical_factor
from .gain import NextBatchGain
from .hessian import Hessian, largest, mean_trace
from .trace import NoTrace

_BASIS_BYTES = 512 << 20


def runner_of(model, layer_map, options, sender):
    """The run's probes, or None."""
    return None if options is None else ProbeRunner(model, layer_map, options, sender.send, lambda text: sender.trouble("probes", text))


class ProbeRunner:
    """What a closure raises ends the probes, not the monitor."""

    def __init__(self, model, layer_map, options, send, say):
        self._model, self._map, self._options, self._send, self._say = model, layer_map, options, send, say
        self._on, self._gain = True, None
        self._again, self._batch_size = None, 0

    def due(self, step, asked):
        """Whether there is something to do at this step: probes, or a gain to be measured that was begun at the step before."""
        return self._on and (self._wanted(step, asked) or self._gain is not None)

    def quiet(self, step):
        """How many steps from this one on have nothing to do."""
        return (-step % self._options.interval if self._gain is None else 0) if self._on else 1 << 62

    def run(self, step, steps, asked=False, again=None, batch_size=0):
        """`steps`: the gradients as the optimizer takes them (ParameterStep), for the coming update. `again`: computes the loss of the step's own batch again, or None."""
        parameters = [p.tensor for p in self._map.parameters]
        self._again, self._batch_size = again, batch_size
        try:
            self._finish_gain(step, parameters)
            if not self._wanted(step, asked):
                return
            options = self._options
            for due, probe in (
                (options.sharpness and options.loss is not None, self._sharpness),
                (options.preconditioned and options.loss is not None, self._preconditioned),
                (options.trace_vectors > 0 and options.loss is not None, self._trace),
                (options.batch_sharpness and (options.batch_loss or again) is not None, self._batches),
                (options.critical and (again or options.loss) is not None, self._critical),
            ):
                if due:
                    with NoTrace(self._model, parameters) as trace, torch.enable_grad():
                        if options.eval_mode:
                            self._model.eval()
                        probe(step, parameters, steps, trace)
            if options.next_batch_gain and again is not None:
                self._gain = NextBatchGain(step, parameters)
        except Exception as error:  # the user's closure, or a layer without second derivatives
            self._on, self._gain = False, None
            self._say(f"a probe failed with {type(error).__name__}: {error}; there will be no more of them, the monitor goes on")

    def _wanted(self, step, asked):
        return step % self._options.interval == 0 or asked

    def _finish_gain(self, step, parameters):
        begun, self._gain = self._gain, None
        if begun is None or begun.step != step - 1 or self._again is None:
            return
        begin = time.perf_counter()
        with NoTrace(self._model, parameters) as trace:
            value = begun.measure(self._again, trace.rewind)
        self._report(ProbeKind.NEXT_BATCH_GAIN, begun.step, begin, value, None, 2, True, self._batch_size)

    def _trace(self, step, parameters, _steps, _trace):
        begin = time.perf_counter()
        hessian = Hessian(self._options.loss(), parameters)
        value, error = mean_trace(hessian.size, hessian.times, self._options.trace_vectors, 3, parameters[0].device)
        self._report(ProbeKind.HESSIAN_TRACE, step, begin, value, error, self._options.trace_vectors, True)

    def _sharpness(self, step, parameters, _steps, _trace):
        begin = time.perf_counter()
        hessian = Hessian(self._options.loss(), parameters)
        self._told(ProbeKind.SHARPNESS, step, begin, self._largest(hessian, hessian.times, 1, parameters))

    def _preconditioned(self, step, parameters, _steps, _trace):
        roots = [p.rule.root_before(p) if p.rule.knows(p) else None for p in self._map.parameters]
        if any(root is None for root in roots):
            return  # nothing to divide by, or not yet
        begin = time.perf_counter()
        # P^(-1/2) H P^(-1/2) is symmetric and has the eigenvalues of P^-1 H.
        d = torch.cat([root.detach().reshape(-1).to(torch.float64) for root in roots]).rsqrt()
        hessian = Hessian(self._options.loss(), parameters)
        self._told(ProbeKind.PRECONDITIONED_SHARPNESS, step, begin, self._largest(hessian, lambda x: d * hessian.times(d * x), 2, parameters))

    def _batches(self, step, parameters, _steps, _trace):
        begin, values = time.perf_counter(), []
        fresh = self._options.batch_loss
        for k in range(1 if fresh is None else self._options.batches):
            hessian = Hessian(self._again() if fresh is None else fresh(k), parameters)
            g = hessian.gradient()
            values.append(float(g.dot(hessian.times(g)) / g.dot(g)))
        error = statistics.stdev(values) / len(values) ** 0.5 if len(values) > 1 else None
        self._report(ProbeKind.BATCH_SHARPNESS, step, begin, statistics.fmean(values), error, len(values), True, self._batch_size if fresh is None else None)

    def _critical(self, step, parameters, steps, trace):
        if not steps or not all(s.known for s in steps):
            return
        begin, closure = time.perf_counter(), self._again or self._options.loss
        with torch.no_grad():
            moved = [(s.parameter.tensor, s.prediction.update.to(s.parameter.tensor.dtype), s.parameter.tensor.detach().clone()) for s in steps]

            def loss(c):
                for tensor, update, before in moved:
                    tensor.copy_(before if c == 0 else before.add(update, alpha=-c))
                trace.rewind()
                return float(closure())

            try:
                factor, evaluations, converged = critical_factor(loss)
            finally:
                for tensor, _, before in moved:
                    tensor.copy_(before)
        rate = float(steps[0].parameter.group["lr"])
        self._report(ProbeKind.CRITICAL_SHARPNESS, step, begin, 2 / (factor * rate), None, evaluations, converged, self._batch_size if self._again is not None else None)

    def _largest(self, hessian, times, seed, parameters):
        iterations = max(2, min(self._options.iterations, _BASIS_BYTES // (8 * hessian.size)))
        return largest(hessian.size, times, iterations, self._options.tolerance, seed, parameters[0].device)

    def _told(self, kind, step, begin, result):
        self._report(kind, step, begin, result.value, result.residual, result.products, result.converged)

    def _report(self, kind, step, begin, value, error, evaluations, converged, examples=None):
        self._send(ProbeResult(kind, step, value, error, evaluations, converged, time.perf_counter() - begin, self._options.examples if examples is None else examples))

"""Runs the probes that are due, before the optimizer's step."""

import statistics
import time

import torch

from ..._enums import ProbeKind
from ..._report import ProbeResult
from .critical import critical_factor
from .hessian import Hessian, largest
from .trace import NoTrace

_BASIS_BYTES = 512 << 20


class ProbeRunner:
    """What a closure raises ends the probes, not the monitor."""

    def __init__(self, model, layer_map, options, send, say):
        self._model, self._map, self._options, self._send, self._say = model, layer_map, options, send, say
        self._on = True

    def due(self, step, asked):
        """Whether there is something to do at this step."""
        return self._on and (step % self._options.interval == 0 or asked)

    def run(self, step, steps):
        """`steps`: the gradients as the optimizer takes them (ParameterStep), for the coming update."""
        parameters = [p.tensor for p in self._map.parameters]
        options = self._options
        try:
            for due, probe, closure in (
                (options.sharpness, self._sharpness, options.loss),
                (options.preconditioned, self._preconditioned, options.loss),
                (options.batch_loss is not None, self._batches, options.batch_loss),
                (options.critical, self._critical, options.loss),
            ):
                if due and closure is not None:
                    with NoTrace(self._model, parameters) as trace, torch.enable_grad():
                        if options.eval_mode:
                            self._model.eval()
                        probe(step, parameters, steps, trace)
        except Exception as error:  # the user's closure, or a layer without second derivatives
            self._on = False
            self._say(f"a probe failed with {type(error).__name__}: {error}; there will be no more of them, the monitor goes on")

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
        for k in range(self._options.batches):
            hessian = Hessian(self._options.batch_loss(k), parameters)
            g = hessian.gradient()
            values.append(float(g.dot(hessian.times(g)) / g.dot(g)))
        error = statistics.stdev(values) / len(values) ** 0.5 if len(values) > 1 else None
        self._report(ProbeKind.BATCH_SHARPNESS, step, begin, statistics.fmean(values), error, len(values), True)

    def _critical(self, step, parameters, steps, trace):
        if not steps or not all(s.known for s in steps):
            return
        begin = time.perf_counter()
        with torch.no_grad():
            moved = [(s.parameter.tensor, s.prediction.update.to(s.parameter.tensor.dtype), s.parameter.tensor.detach().clone()) for s in steps]

            def loss(c):
                for tensor, update, before in moved:
                    tensor.copy_(before if c == 0 else before.add(update, alpha=-c))
                trace.rewind()
                return float(self._options.loss())

            try:
                factor, evaluations, converged = critical_factor(loss)
            finally:
                for tensor, _, before in moved:
                    tensor.copy_(before)
        rate = float(steps[0].parameter.group["lr"])
        self._report(ProbeKind.CRITICAL_SHARPNESS, step, begin, 2 / (factor * rate), None, evaluations, converged)

    def _largest(self, hessian, times, seed, parameters):
        iterations = max(2, min(self._options.iterations, _BASIS_BYTES // (8 * hessian.size)))
        return largest(hessian.size, times, iterations, self._options.tolerance, seed, parameters[0].device)

    def _told(self, kind, step, begin, result):
        self._report(kind, step, begin, result.value, result.residual, result.products, result.converged)

    def _report(self, kind, step, begin, value, error, evaluations, converged):
        self._send(ProbeResult(kind, step, value, error, evaluations, converged, time.perf_counter() - begin, self._options.examples))

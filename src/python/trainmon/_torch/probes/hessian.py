"""Products with the Hessian of a loss, and its largest eigenvalue by Lanczos' method with full reorthogonalization (twice) in float64, so that rounding makes no copies of
eigenvalues. And its trace."""

import statistics

import torch


class Hessian:
    """Of a loss with a graph, by the parameters. `.grad` is not touched."""

    def __init__(self, loss, parameters):
        if not isinstance(loss, torch.Tensor) or loss.numel() != 1 or not loss.requires_grad:
            raise ValueError("a probe's loss must be one number computed from the model with gradients on")
        self._parameters = parameters
        self._gradients = torch.autograd.grad(loss.reshape(()), parameters, create_graph=True, allow_unused=True)
        self.size = sum(p.numel() for p in parameters)

    def gradient(self):
        """Flat, float64."""
        return _flat(self._gradients, self._parameters)

    def times(self, x):
        """H x, flat, float64."""
        products, at = [], 0
        for gradient, parameter in zip(self._gradients, self._parameters):
            part = x[at : at + parameter.numel()].reshape(parameter.shape)
            at += parameter.numel()
            if gradient is not None and gradient.requires_grad:
                products.append((gradient * part.to(gradient.dtype)).sum())
        if not products:
            return torch.zeros_like(x)  # a loss that is linear in the parameters
        return _flat(torch.autograd.grad(sum(products), self._parameters, retain_graph=True, allow_unused=True), self._parameters)


class Largest:
    """An eigenvalue, the bound of its residual, the products it took, and whether it met its tolerance."""

    def __init__(self, value, residual, products, converged):
        self.value, self.residual, self.products, self.converged = value, residual, products, converged


def largest(size, times, iterations, tolerance, seed, device="cpu"):
    """Of a symmetric operator. Draws from no generator but its own."""
    q = torch.randn(size, dtype=torch.float64, generator=torch.Generator().manual_seed(seed)).to(device)
    basis, diagonal, below = [q / q.norm()], [], []
    result = Largest(float("nan"), float("nan"), 0, False)
    for step in range(min(iterations, size)):
        w = times(basis[step])
        diagonal.append(float(basis[step].dot(w)))
        for _ in range(2):
            for vector in basis:
                w = w - vector * vector.dot(w)
        rest = float(w.norm())
        matrix = torch.diag(torch.tensor(diagonal, dtype=torch.float64))
        for k, value in enumerate(below):
            matrix[k, k + 1] = matrix[k + 1, k] = value
        if not torch.isfinite(matrix).all():
            return Largest(float("nan"), float("nan"), step + 1, False)
        values, vectors = torch.linalg.eigh(matrix)
        value, residual = float(values[-1]), rest * abs(float(vectors[-1, -1]))
        done = residual <= tolerance * abs(value) or rest <= 1e-12 * max(abs(v) for v in diagonal)
        result = Largest(value, residual, step + 1, done)
        if done:
            break
        below.append(rest)
        basis.append(w / rest)
    return result


def mean_trace(size, times, vectors, seed, device="cpu"):
    """(mean, its standard error or None) of v'Av over vectors of random signs: Hutchinson's estimate. Draws from no generator but its own."""
    random, values = torch.Generator().manual_seed(seed), []
    for _ in range(vectors):
        v = (torch.randint(2, (size,), generator=random) * 2 - 1).to(device, torch.float64)
        values.append(float(v.dot(times(v))))
    return statistics.fmean(values), statistics.stdev(values) / vectors**0.5 if vectors > 1 else None


def _flat(tensors, parameters):
    return torch.cat([(torch.zeros_like(p) if t is None else t).detach().reshape(-1).to(torch.float64) for t, p in zip(tensors, parameters)])

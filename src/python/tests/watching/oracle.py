"""The statistics of one step by brute force: float64, one backward pass an example, and the weights before and after the step."""

import copy

import torch


def network(kind="plain", seed=0):
    torch.manual_seed(seed)
    if kind == "positions":  # several positions an example
        return torch.nn.Sequential(torch.nn.Linear(6, 8), torch.nn.Tanh(), torch.nn.Linear(8, 5), Mean(), torch.nn.Linear(5, 3, bias=False)).double()
    if kind == "images":
        return torch.nn.Sequential(torch.nn.Conv2d(2, 3, 3, stride=2, padding=1), torch.nn.ReLU(inplace=True), torch.nn.Conv2d(3, 4, 2, dilation=2, bias=False), torch.nn.Flatten(), torch.nn.Linear(4, 3)).double()
    if kind == "series":
        return torch.nn.Sequential(torch.nn.Conv1d(2, 4, 3, padding=1), torch.nn.Tanh(), torch.nn.Flatten(), torch.nn.Linear(24, 3)).double()
    if kind == "tokens":
        return torch.nn.Sequential(torch.nn.Embedding(7, 6), torch.nn.LayerNorm(6), torch.nn.Linear(6, 5), torch.nn.Tanh(), Mean(), torch.nn.LayerNorm(5), torch.nn.Linear(5, 3)).double()
    if kind == "noisy":  # what must not notice that it is watched
        return torch.nn.Sequential(torch.nn.Linear(6, 16), torch.nn.BatchNorm1d(16), torch.nn.ReLU(inplace=True), torch.nn.Dropout(0.3), torch.nn.Linear(16, 3))
    return torch.nn.Sequential(torch.nn.Linear(6, 8), torch.nn.ReLU(inplace=True), torch.nn.Linear(8, 3)).double()


class Mean(torch.nn.Module):
    """Over positions."""

    def forward(self, x):
        return x.mean(1)


def batch(kind="plain", examples=10, seed=1, dtype=torch.float64):
    generator = torch.Generator().manual_seed(seed)
    if kind == "tokens":  # some more than once in an example
        return torch.randint(7, (examples, 5), generator=generator), torch.randint(3, (examples,), generator=generator)
    shape = {"positions": (examples, 4, 6), "images": (examples, 2, 5, 5), "series": (examples, 2, 6)}.get(kind, (examples, 6))
    return torch.randn(shape, generator=generator, dtype=dtype), torch.randint(3, (examples,), generator=generator)


def example_gradients(model, x, y):
    """A list of gradients an example, each a list of tensors a parameter. By a copy, so that whoever watches the model does not see these passes."""
    model = copy.deepcopy(model)
    result = []
    for i in range(len(y)):
        loss = torch.nn.functional.cross_entropy(model(x[i : i + 1]), y[i : i + 1])
        result.append([g.clone() for g in torch.autograd.grad(loss, list(model.parameters()))])
    return result


def weights(model):
    return [p.detach().clone() for p in model.parameters()]


def by_layer(model, values):
    """Sums over the parameters of each module."""
    owners, sums = {}, []
    for name, value in zip((n for n, _ in model.named_parameters()), values):
        owner = name.rpartition(".")[0]
        if owner not in owners:
            owners[owner] = len(sums)
            sums.append(0.0)
        sums[owners[owner]] += float(value)
    return sums


def gain_by_difference(model, make, state, x, y, size=1e-6):
    """P = du/dg of each coordinate where the moments in the root are held, by the definition the optimizers share: what a small change of the gradient adds to the update."""
    before = weights(model)
    gains = []
    for k, p in enumerate(model.parameters()):
        updates = []
        for sign in (1, -1):
            copied = copy.deepcopy(model)
            optimizer = make(copied)
            optimizer.load_state_dict(copy.deepcopy(state))
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(copied(x), y).backward()
            parameter = list(copied.parameters())[k]
            parameter.grad += sign * size
            optimizer.step()
            updates.append(before[k] - parameter.detach())
        gains.append((updates[0] - updates[1]) / (2 * size))
    return gains

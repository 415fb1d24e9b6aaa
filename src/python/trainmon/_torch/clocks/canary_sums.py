"""The sums over one batch's canaries, by operations on the device where its outputs are; rows that are not finite are left out. Formulas: CanarySums in protos/trainmon/v1."""

import torch

MOST_BINS = 10


def bins_of(choices):
    """Bins of the ranks."""
    return min(choices, MOST_BINS)


def batch_sums(logits, targets, rows, own, is_canary, choices):
    """A float64 tensor: a count for each bin, then loss, advantage, advantage squared and pull of the canaries in `rows`, then number and pull of the rows that are no canary. `own`: the canaries'
    own labels, [len(rows)]; `is_canary`: [b] of bool."""
    logits, targets = logits.detach().double(), targets.detach().long().reshape(-1)
    log_sum = logits.logsumexp(1)
    finite = log_sum.isfinite()
    softmax = (logits - log_sum.unsqueeze(1)).exp()
    of_target = softmax.gather(1, targets.unsqueeze(1)).squeeze(1)
    kept = finite & ~is_canary
    pull = (softmax.square().sum(1) + 1 - 2 * of_target).clamp(min=0)
    others = (kept.double().sum(), torch.where(kept, pull, torch.zeros_like(pull)).sum())
    return torch.cat([_canaries(logits[rows], softmax[rows], log_sum[rows], targets[rows], own, finite[rows], choices), torch.stack(others)])


def _canaries(logits, softmax, log_sum, label, own, finite, choices):
    classes = logits.shape[1]
    column = torch.arange(classes, device=logits.device)
    # Of more than two classes the example's own is no choice.
    chosen = column != own.unsqueeze(1) if choices < classes else torch.ones_like(logits, dtype=torch.bool)
    mine = logits.gather(1, label.unsqueeze(1))
    # Equal logits stand in the order of the classes: any fixed order keeps the rank of a uniform label uniform.
    above = (logits > mine) | ((logits == mine) & (column < label.unsqueeze(1)))
    rank = (above & chosen).sum(1)
    bins = bins_of(choices)
    place = torch.div(rank * bins, choices, rounding_mode="floor").unsqueeze(1) == torch.arange(bins, device=logits.device)
    zero = torch.zeros_like(logits)
    # L(c) = ln sum exp - logit, so that the advantage is the label's logit over the mean one.
    advantage = mine.squeeze(1) - torch.where(chosen, logits, zero).sum(1) / choices
    probability = torch.where(chosen, softmax, zero).sum(1)
    pull = 1 - softmax.gather(1, label.unsqueeze(1)).squeeze(1) - (1 - probability) / choices
    counts = (place & finite.unsqueeze(1)).double().sum(0)
    sums = [torch.where(finite, value, torch.zeros_like(value)).sum() for value in (log_sum - mine.squeeze(1), advantage, advantage.square(), pull)]
    return torch.cat([counts, torch.stack(sums)])

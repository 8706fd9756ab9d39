"""Projected gradient ascent in the l-infinity ball (Madry et al. 2018)."""

import torch
from torch.nn import functional as F


def input_gradient(logits_of, images, labels):
    x = images.detach().requires_grad_(True)
    loss = F.cross_entropy(logits_of(x), labels, reduction="sum")
    return torch.autograd.grad(loss, x)[0]


def pgd(logits_of, images, labels, epsilon, step_size, steps, random_start):
    lower = (images - epsilon).clamp_(min=0)
    upper = (images + epsilon).clamp_(max=1)
    x = images
    if random_start:
        noise = torch.empty_like(images).uniform_(-epsilon, epsilon)
        x = torch.clamp(images + noise, lower, upper)
    for _ in range(steps):
        step = input_gradient(logits_of, x, labels).sign_().mul_(step_size)
        x = torch.clamp(step.add_(x), lower, upper)
    return x


def scores(logits, labels):
    """Sum of cross-entropies and number of wrong predictions."""
    nll = F.cross_entropy(logits.float(), labels, reduction="sum").item()
    return nll, (logits.argmax(1) != labels).sum().item()

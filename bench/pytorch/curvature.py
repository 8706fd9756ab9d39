"""Second derivatives by double backward, and the largest eigenvalue of each image's input Hessian."""

import torch
from torch.nn import functional as F


def graph_of_gradient(logits_of, images, labels, variables=None):
    """The gradient with its graph: in the variables (mean loss), or in the images (each of its own loss)."""
    if variables is None:
        x = images.detach().requires_grad_(True)
        loss = F.cross_entropy(logits_of(x), labels, reduction="sum")
        return torch.autograd.grad(loss, x, create_graph=True), (x,)
    loss = F.cross_entropy(logits_of(images), labels)
    return torch.autograd.grad(loss, variables, create_graph=True), variables


def product(gradients, variables, directions, keep):
    return torch.autograd.grad(gradients, variables, directions, retain_graph=keep)


def power_iteration(logits_of, images, labels, iterations):
    """Rayleigh quotients after the iterations, all images at once; the graph is built once."""
    gradients, variables = graph_of_gradient(logits_of, images, labels)

    def per_image(a, b):
        return (a * b).flatten(1).sum(1)

    v = torch.randn_like(images)
    for _ in range(iterations):
        v = v / per_image(v, v).sqrt().clamp_(min=1e-30).view(-1, 1, 1, 1)
        (hv,) = product(gradients, variables, (v,), True)
        eigenvalues = per_image(v, hv)
        v = hv
    return eigenvalues


def closed_form(logits_of, images):
    """
    The largest eigenvalue of J^T S J, S = diag(p) - p p^T, from its small form L^T J J^T L with S = L L^T:
    exact for networks that are piecewise linear.
    """
    x = images.detach().requires_grad_(True)
    logits = logits_of(x)
    classes = logits.shape[1]
    rows = [
        torch.autograd.grad(logits[:, c].sum(), x, retain_graph=True)[0].flatten(1)
        for c in range(classes)
    ]
    jacobian = torch.stack(rows, 1).double()
    gram = jacobian @ jacobian.transpose(1, 2)
    root = logits.detach().double().softmax(1).sqrt()
    factor = torch.diag_embed(root) @ (
        torch.eye(classes, dtype=torch.float64, device=x.device) - root.unsqueeze(2) * root.unsqueeze(1)
    )
    return torch.linalg.eigvalsh(factor.transpose(1, 2) @ gram @ factor)[:, -1]

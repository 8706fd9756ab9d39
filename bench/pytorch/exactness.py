"""Compares results of Isthmus with PyTorch in float64 on the same weights and images."""

import torch
from torch.func import functional_call
from torch.nn import functional as F

from attack import input_gradient, pgd
from curvature import closed_form, graph_of_gradient, product
from kinks import near_kinks
from models import ARCHITECTURES, converted, load_model
from safetensors import load


def relative(found, expected):
    """Norm of the difference, relative to the norm of what is expected."""
    return (torch.linalg.vector_norm(found - expected) / torch.linalg.vector_norm(expected)).item()


def images_of(values):
    """[n, h, w, c] of Isthmus to [n, c, h, w], float64."""
    return values.double().permute(0, 3, 1, 2).contiguous()


def off_kinks(near, found, expected, bar):
    """
    The relative difference over all images, except those that alone would miss the bar and lie so near a kink that
    rounding may have put the two sides on different pieces of the network; and how many those are.
    """
    difference = (found - expected).flatten(1).norm(dim=1)
    share = torch.linalg.vector_norm(expected) / len(expected) ** 0.5
    out = near & (difference > bar * share)
    return relative(found[~out], expected[~out]), out.sum().item()


class Comparison:
    def __init__(self, model, inputs, results):
        self.architecture = ARCHITECTURES[model]
        self.inputs = load(inputs)
        self.results = load(results)
        self.model = load_model(model, self.inputs).double().eval().requires_grad_(False)
        # The images that Isthmus sees: scaled in float32.
        self.images = images_of(self.inputs["images"].float().mul_(1 / 255))
        self.labels = self.inputs["labels"].long()

    def first(self, name):
        """As many images and labels as that result is over."""
        count = len(self.results[name])
        return self.images[:count], self.labels[:count]

    def logits(self):
        images, _ = self.first("logits")
        return relative(self.results["logits"].double(), self.model(images))

    def input_gradient(self):
        images, labels = self.first("input_gradient")
        expected = input_gradient(self.model, images, labels)
        found = images_of(self.results["input_gradient"])
        return off_kinks(near_kinks(self.model, images), found, expected, 1e-5)

    def pgd_predictions(self):
        """Per cent of images on which the predictions after the attack differ."""
        images, labels = self.first("pgd_predictions")
        epsilon, step_size, steps = self.results["pgd_settings"].tolist()
        wrong = 0
        for x, y, found in zip(
            images.split(100), labels.split(100), self.results["pgd_predictions"].split(100)
        ):
            attacked = pgd(self.model, x, y, epsilon, step_size, int(steps), False)
            wrong += (self.model(attacked).argmax(1) != found).sum().item()
        return 100 * wrong / len(images)

    def curve_loss(self):
        """The largest relative difference over the points of a Bezier curve with one bend."""
        parts = [
            converted(self.architecture, self.inputs, prefix)
            for prefix in ("weights/", "bend/", "end/")
        ]
        worst = 0.0
        for t, found in self.results["curve_loss"].tolist():
            c = ((1 - t) ** 2, 2 * t * (1 - t), t**2)
            mixed = {
                name: sum(ck * part[name].double() for ck, part in zip(c, parts))
                for name in parts[0]
            }
            logits = functional_call(self.model, mixed, (self.images,))
            penalty = sum((w * w).sum() for w in mixed.values())
            decay = self.results["weight_decay"].item()
            loss = (F.cross_entropy(logits, self.labels) + decay / 2 * penalty).item()
            worst = max(worst, abs(found - loss) / loss)
        return worst

    def weight_product(self):
        directions = converted(self.architecture, self.results, "weight_direction/")
        found = converted(self.architecture, self.results, "weight_product/")
        names = [name for name, _ in self.model.named_parameters()]
        self.model.requires_grad_(True)
        parameters = tuple(self.model.parameters())
        images, labels = self.images[:128], self.labels[:128]
        gradients, _ = graph_of_gradient(self.model, images, labels, parameters)
        expected = product(
            gradients, parameters, tuple(directions[name].double() for name in names), False
        )
        self.model.requires_grad_(False)
        return relative(
            torch.cat([found[name].double().flatten() for name in names]),
            torch.cat([p.flatten() for p in expected]),
        )

    def input_product(self):
        images, labels = self.first("input_product")
        gradients, variables = graph_of_gradient(self.model, images, labels)
        direction = (images_of(self.results["input_direction"]),)
        (expected,) = product(gradients, variables, direction, False)
        found = images_of(self.results["input_product"])
        return off_kinks(near_kinks(self.model, images), found, expected, 1e-5)

    def eigenvalues(self, name):
        """The largest relative difference over the images."""
        images, _ = self.first(name)
        expected = closed_form(self.model, images)
        difference = (self.results[name] - expected).abs() / expected
        out = near_kinks(self.model, images) & (difference > 1e-4)
        return difference[~out].max().item(), out.sum().item()


def compare(model, inputs, results):
    comparison = Comparison(model, inputs, results)
    checks = {
        "logits": comparison.logits,
        "input_gradient": comparison.input_gradient,
        "pgd_predictions": comparison.pgd_predictions,
        "curve_loss": comparison.curve_loss,
        "weight_product": comparison.weight_product,
        "input_product": comparison.input_product,
        "eigenvalues_lanczos": lambda: comparison.eigenvalues("eigenvalues_lanczos"),
        "eigenvalues_closed_form": lambda: comparison.eigenvalues("eigenvalues_closed_form"),
    }
    present = {name.split("/")[0] for name in comparison.results}
    found = {name: check() for name, check in checks.items() if name in present}
    pairs = {name: f if isinstance(f, tuple) else (f, 0) for name, f in found.items()}
    return {name: {"figure": figure, "left_out": out} for name, (figure, out) in pairs.items()}

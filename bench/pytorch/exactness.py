"""Compares results of Isthmus with PyTorch in float64 on the same weights and images."""

import torch
from torch.func import functional_call
from torch.nn import functional as F

from attack import input_gradient, pgd
from curvature import closed_form, graph_of_gradient, product
from kinks import margins, near_kinks
from models import ARCHITECTURES, converted, load_model, to_isthmus
from safetensors import load, save


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


class Expectation:
    """What Isthmus should have computed, in float64; its results say of how many images, and in which directions."""

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

    def near_kinks(self, name):
        return near_kinks(self.model, self.first(name)[0])

    def logits(self):
        images, _ = self.first("logits")
        return self.model(images)

    def input_gradient(self):
        return input_gradient(self.model, *self.first("input_gradient"))

    def pgd_predictions(self):
        images, labels = self.first("pgd_predictions")
        epsilon, step_size, steps = self.results["pgd_settings"].tolist()
        found = []
        for x, y in zip(images.split(100), labels.split(100)):
            attacked = pgd(self.model, x, y, epsilon, step_size, int(steps), False)
            found.append(self.model(attacked).argmax(1))
        return torch.cat(found)

    def curve_loss(self):
        """Losses at the points of a Bezier curve with one bend."""
        parts = [
            converted(self.architecture, self.inputs, prefix)
            for prefix in ("weights/", "bend/", "end/")
        ]
        return torch.stack([self.loss_at(t, parts) for t in self.results["curve_loss"][:, 0]])

    def loss_at(self, t, parts):
        c = ((1 - t) ** 2, 2 * t * (1 - t), t**2)
        mixed = {
            name: sum(ck * part[name].double() for ck, part in zip(c, parts)) for name in parts[0]
        }
        logits = functional_call(self.model, mixed, (self.images,))
        penalty = sum((w * w).sum() for w in mixed.values())
        decay = self.results["weight_decay"].item()
        return F.cross_entropy(logits, self.labels) + decay / 2 * penalty

    def weight_product(self):
        """The product by the name of its parameter."""
        directions = converted(self.architecture, self.results, "weight_direction/")
        names = [name for name, _ in self.model.named_parameters()]
        self.model.requires_grad_(True)
        parameters = tuple(self.model.parameters())
        images, labels = self.images[:128], self.labels[:128]
        gradients, _ = graph_of_gradient(self.model, images, labels, parameters)
        products = product(
            gradients, parameters, tuple(directions[name].double() for name in names), False
        )
        self.model.requires_grad_(False)
        return dict(zip(names, products))

    def input_product(self):
        images, labels = self.first("input_product")
        gradients, variables = graph_of_gradient(self.model, images, labels)
        direction = (images_of(self.results["input_direction"]),)
        return product(gradients, variables, direction, False)[0]

    def eigenvalues(self, name):
        return closed_form(self.model, self.first(name)[0])


class Comparison:
    """The figure of each result; of those of single images also how many were left out."""

    def __init__(self, expectation):
        self.expectation = expectation
        self.results = expectation.results

    def logits(self):
        return relative(self.results["logits"].double(), self.expectation.logits()), 0

    def input_gradient(self):
        return self.of_images("input_gradient", self.expectation.input_gradient())

    def input_product(self):
        return self.of_images("input_product", self.expectation.input_product())

    def of_images(self, name, expected):
        near = self.expectation.near_kinks(name)
        return off_kinks(near, images_of(self.results[name]), expected, 1e-5)

    def pgd_predictions(self):
        """Per cent of images on which the predictions after the attack differ."""
        wrong = self.expectation.pgd_predictions() != self.results["pgd_predictions"]
        return 100 * wrong.double().mean().item(), 0

    def curve_loss(self):
        """The largest relative difference over the points."""
        expected = self.expectation.curve_loss()
        return ((self.results["curve_loss"][:, 1] - expected).abs() / expected).max().item(), 0

    def weight_product(self):
        expected = self.expectation.weight_product()
        found = converted(self.expectation.architecture, self.results, "weight_product/")
        return relative(
            torch.cat([found[name].double().flatten() for name in expected]),
            torch.cat([p.flatten() for p in expected.values()]),
        ), 0

    def eigenvalues(self, name):
        """The largest relative difference over the images."""
        expected = self.expectation.eigenvalues(name)
        difference = (self.results[name] - expected).abs() / expected
        out = self.expectation.near_kinks(name) & (difference > 1e-4)
        return difference[~out].max().item(), out.sum().item()


def compare(model, inputs, results):
    comparison = Comparison(Expectation(model, inputs, results))
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
    return {name: {"figure": figure, "left_out": out} for name, (figure, out) in found.items()}


def write_margins(name, inputs, path):
    """How far each image of the file is from a kink."""
    tensors = load(inputs)
    model = load_model(name, tensors).double().eval()
    images = images_of(tensors["images"].float().mul_(1 / 255))
    save(path, {"margins": margins(model, images)})


def write_expected(model, inputs, results, path):
    """Every expected value in a file, in the layout of Isthmus, and which images are near a kink."""
    expectation = Expectation(model, inputs, results)
    checks = {
        "logits": lambda: {"logits": expectation.logits()},
        "input_gradient": lambda: {
            "input_gradient": expectation.input_gradient().permute(0, 2, 3, 1),
            "near_kinks": expectation.near_kinks("input_gradient").to(torch.uint8),
        },
        "pgd_predictions": lambda: {"pgd_predictions": expectation.pgd_predictions().int()},
        "curve_loss": lambda: {"curve_loss": expectation.curve_loss()},
        "weight_product": lambda: expected_weights(expectation),
        "input_product": lambda: {
            "input_product": expectation.input_product().permute(0, 2, 3, 1)
        },
        "eigenvalues_closed_form": lambda: {
            "eigenvalues": expectation.eigenvalues("eigenvalues_closed_form")
        },
    }
    present = {name.split("/")[0] for name in expectation.results}
    tensors = {}
    for name, values in checks.items():
        if name in present:
            tensors.update(values())
    save(path, tensors)


def expected_weights(expectation):
    prefix = "weight_product/"
    expected = expectation.weight_product()
    names = [name[len(prefix) :] for name in expectation.results if name.startswith(prefix)]
    return {
        prefix + name: to_isthmus(expectation.architecture, name, expected) for name in names
    }

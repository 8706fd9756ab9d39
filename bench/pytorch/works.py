"""One unit of work of each kind, prepared once: a function to repeat, and how many units a call does."""

import torch
from torch.nn import functional as F

from attack import pgd, scores
from curvature import closed_form, graph_of_gradient, power_iteration, product
from layout import ResidentImages, model_channels_last
from models import load_model
from safetensors import load

BATCH = 128
EPSILON, STEP_SIZE = 0.1, 0.025
KAPPA = 0.75


class Setting:
    """A model and its images on the device, as the variant lays them out."""

    def __init__(self, model, precision, inputs, variant, device):
        tensors = load(inputs)
        # The strides of the tuned variant are for a CPU's kernels.
        layout = variant if device == "cpu" else "plain"
        self.device = device
        self.model = model_channels_last(load_model(model, tensors).to(device), layout).eval()
        images, labels = tensors["images"].to(device), tensors["labels"].to(device)
        self.data = ResidentImages(images, labels, layout)
        self.bfloat16 = precision == "bfloat16"
        self.images, self.labels = self.data.batch(self.first())

    def first(self, count=BATCH):
        """Indices of the first images."""
        return torch.arange(count, device=self.device)

    def logits(self, images):
        with torch.autocast(self.device, dtype=torch.bfloat16, enabled=self.bfloat16):
            return self.model(images)


def training_step(setting):
    def loss(images, labels):
        return F.cross_entropy(setting.logits(images).float(), labels)

    return steps_of(setting, loss)


def certified_step(setting):
    """A part of the loss is that of the worst margins that interval bounds allow."""

    def loss(images, labels):
        worst = -setting.model.worst_margins(images, labels, EPSILON)
        clean = F.cross_entropy(setting.logits(images), labels)
        return (1 - KAPPA) * clean + KAPPA * F.cross_entropy(worst, labels)

    return steps_of(setting, loss)


def steps_of(setting, loss_of):
    setting.model.train()
    optimiser = torch.optim.SGD(
        setting.model.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4
    )
    order = []

    def step():
        if len(order) < BATCH:
            order[:] = torch.randperm(len(setting.data)).tolist()
        index = torch.tensor(order[:BATCH], device=setting.device)
        del order[:BATCH]
        images, labels = setting.data.batch(index)
        optimiser.zero_grad()
        loss = loss_of(images, labels)
        loss.backward()
        optimiser.step()
        loss.item()

    return step, 1


def forward(setting):
    """Loss and error of the data set in batches."""
    batches = setting.first(len(setting.data)).split(BATCH)

    def evaluate():
        with torch.no_grad():
            for index in batches:
                images, labels = setting.data.batch(index)
                scores(setting.logits(images), labels)

    return evaluate, len(batches)


def pgd_step(setting):
    frozen(setting)

    def attack():
        pgd(setting.logits, setting.images, setting.labels, EPSILON, STEP_SIZE, 1, False)

    return attack, 1


def pgd_10(setting):
    """A whole evaluation of the attack: random start, ten steps, scores before and after."""
    frozen(setting)

    def evaluate():
        images, labels = setting.data.batch(setting.first())
        attacked = pgd(setting.logits, images, labels, EPSILON, STEP_SIZE, 10, True)
        with torch.no_grad():
            scores(setting.logits(images), labels)
            scores(setting.logits(attacked), labels)

    return evaluate, 1


def weight_product(setting):
    parameters, directions = weights_and_directions(setting)

    def multiply():
        gradients, _ = graph_of_gradient(
            setting.logits, setting.images, setting.labels, parameters
        )
        product(gradients, parameters, directions, False)

    return multiply, 1


def weight_product_kept(setting):
    parameters, directions = weights_and_directions(setting)
    gradients, _ = graph_of_gradient(setting.logits, setting.images, setting.labels, parameters)
    return lambda: product(gradients, parameters, directions, True), 1


def input_product(setting):
    frozen(setting)
    direction = (torch.randn_like(setting.images),)

    def multiply():
        gradients, variables = graph_of_gradient(setting.logits, setting.images, setting.labels)
        product(gradients, variables, direction, False)

    return multiply, 1


def input_product_kept(setting):
    frozen(setting)
    direction = (torch.randn_like(setting.images),)
    gradients, variables = graph_of_gradient(setting.logits, setting.images, setting.labels)
    return lambda: product(gradients, variables, direction, True), 1


def eigenvalues_power(setting):
    frozen(setting)
    return lambda: power_iteration(setting.logits, setting.images, setting.labels, 20), 1


def eigenvalues_closed_form(setting):
    frozen(setting)
    return lambda: closed_form(setting.logits, setting.images), 1


def frozen(setting):
    setting.model.requires_grad_(False)


def weights_and_directions(setting):
    parameters = tuple(setting.model.parameters())
    return parameters, tuple(torch.randn_like(p) for p in parameters)


WORKS = {
    "training-step": training_step,
    "certified-step": certified_step,
    "forward": forward,
    "pgd-step": pgd_step,
    "pgd-10": pgd_10,
    "weight-product": weight_product,
    "weight-product-kept": weight_product_kept,
    "input-product": input_product,
    "input-product-kept": input_product_kept,
    "eigenvalues-power": eigenvalues_power,
    "eigenvalues-closed-form": eigenvalues_closed_form,
}


def prepare(work, model, precision, inputs, variant, device):
    return WORKS[work](Setting(model, precision, inputs, variant, device))

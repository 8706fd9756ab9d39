"""The study `mnist-quick` (experiment/presets/mnist-quick.yaml) as one PyTorch script."""

import json
import struct
import sys
import time
import warnings
from pathlib import Path

warnings.filterwarnings("ignore", message=".*NumPy.*")

import torch  # noqa: E402
from torch.func import functional_call  # noqa: E402
from torch.nn import functional as F  # noqa: E402

from attack import pgd, scores  # noqa: E402
from curvature import power_iteration  # noqa: E402
from layout import channels_last, force_channels_last, model_channels_last  # noqa: E402
from models import CnnSmall  # noqa: E402

BATCH = 128
DECAY = 5e-4
POINTS = [i / 10 for i in range(11)]
EVALUATION_BATCH = {"plain": 500, "tuned": 125}


def read_idx(path):
    content = bytearray(Path(path).read_bytes())
    dimensions = content[3]
    shape = struct.unpack_from(f">{dimensions}I", content, 4)
    return torch.frombuffer(content, dtype=torch.uint8, offset=4 + 4 * dimensions).reshape(shape)


def half_linear(step, total):
    alpha = step / total
    if alpha <= 0.5:
        return 1.0
    return 1 - 0.99 * (alpha - 0.5) / 0.4 if alpha <= 0.9 else 0.01


class Study:
    def __init__(self, folder, variant, precision):
        self.variant = variant
        self.bfloat16 = precision == "bfloat16"
        self.stages = {}
        self.train = self.images(folder, "train")
        self.test = self.images(folder, "t10k")

    def images(self, folder, split):
        pixels = read_idx(f"{folder}/{split}-images-idx3-ubyte").unsqueeze(1).float().div_(255)
        labels = read_idx(f"{folder}/{split}-labels-idx1-ubyte").long()
        return channels_last(pixels, self.variant), labels

    def lowered(self, logits_of):
        """Training and attacks compute in the study's precision, measurements in float32."""

        def logits(images):
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.bfloat16):
                return logits_of(images).float()

        return logits

    def staged(self, name, function, *arguments):
        begun = time.perf_counter()
        result = function(*arguments)
        self.stages[name] = self.stages.get(name, 0) + time.perf_counter() - begun
        return result

    def mixed(self, points, t):
        """The weights at t of a Bezier curve through three points, or of a line through two."""
        c = (1 - t, t) if len(points) == 2 else ((1 - t) ** 2, 2 * t * (1 - t), t * t)
        weights = {
            name: sum(ck * point[name] for ck, point in zip(c, points)) for name in points[0]
        }
        if self.variant == "plain":
            return weights
        return {n: force_channels_last(w) if w.dim() == 4 else w for n, w in weights.items()}

    def batches(self, epochs):
        """(step, total, images, labels) over the epochs, shuffled."""
        images, labels = self.train
        count = len(labels)
        total = epochs * -(-count // BATCH)
        step = 0
        for _ in range(epochs):
            for index in torch.randperm(count).split(BATCH):
                chosen = images[index]
                if self.variant == "tuned":
                    chosen = force_channels_last(chosen)
                yield step, total, chosen, labels[index]
                step += 1

    def endpoint(self, seed, epochs, adversarial):
        torch.manual_seed(seed)
        model = model_channels_last(CnnSmall(), self.variant)
        optimiser = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=DECAY)
        for step, total, x, y in self.batches(epochs):
            for group in optimiser.param_groups:
                group["lr"] = 0.05 * half_linear(step, total)
            if adversarial:
                # At full strength from the first step, training collapses to a constant.
                growth = min(1.0, step / (0.25 * total))
                model.requires_grad_(False)
                x = pgd(self.lowered(model), x, y, 0.2 * growth, 0.05 * growth, 5, True)
                model.requires_grad_(True)
            optimiser.zero_grad()
            loss = F.cross_entropy(self.lowered(model)(x), y)
            loss.backward()
            optimiser.step()
            loss.item()
        return {name: p.detach() for name, p in model.named_parameters()}

    def curve(self, start, end):
        torch.manual_seed(1)
        model = CnnSmall()
        bend = {name: ((start[name] + end[name]) / 2).requires_grad_(True) for name in start}
        optimiser = torch.optim.SGD(bend.values(), lr=0.015, momentum=0.9)
        for step, total, x, y in self.batches(2):
            for group in optimiser.param_groups:
                group["lr"] = 0.015 * half_linear(step, total)
            weights = self.mixed((start, bend, end), torch.rand(()).item())
            optimiser.zero_grad()
            penalty = sum((w * w).sum() for w in weights.values())
            logits = self.lowered(lambda images: functional_call(model, weights, (images,)))(x)
            nll = F.cross_entropy(logits, y)
            (nll + DECAY / 2 * penalty).backward()
            optimiser.step()
            nll.item()
        return {name: w.detach() for name, w in bend.items()}

    def evaluation(self, points):
        """Loss and error on both sets at every t."""
        model = CnnSmall()
        rows = []
        for t in POINTS:
            weights = self.mixed(points, t)
            row = [t]
            for images, labels in (self.train, self.test):
                nll = wrong = 0.0
                size = EVALUATION_BATCH[self.variant]
                with torch.no_grad():
                    for x, y in zip(images.split(size), labels.split(size)):
                        batch = scores(functional_call(model, weights, (x,)), y)
                        nll, wrong = nll + batch[0], wrong + batch[1]
                row += [nll / len(labels), 100 * wrong / len(labels)]
            rows.append(row)
        return rows

    def attack(self, points):
        """PGD-10 on the first 1,000 test images at every t."""
        model = CnnSmall()
        size = EVALUATION_BATCH[self.variant]
        rows = []
        for t in POINTS:
            weights = self.mixed(points, t)
            torch.manual_seed(1)
            total = [0.0] * 4
            for x, y in zip(self.test[0][:1000].split(size), self.test[1][:1000].split(size)):

                def logits_of(images):
                    return functional_call(model, weights, (images,))

                attacked = pgd(self.lowered(logits_of), x, y, 0.1, 0.025, 10, True)
                with torch.no_grad():
                    found = scores(logits_of(x), y) + scores(logits_of(attacked), y)
                total = [a + b for a, b in zip(total, found)]
            rows.append([t] + [value / 1000 for value in total])
        return rows

    def spectrum(self, points):
        """Mean of the largest input-Hessian eigenvalue of the first 128 test images at every t."""
        model = CnnSmall()
        x, y = self.test[0][:128], self.test[1][:128]
        rows = []
        for t in POINTS:
            weights = self.mixed(points, t)

            def logits_of(images):
                return functional_call(model, weights, (images,))

            rows.append([t, power_iteration(logits_of, x, y, 20).mean().item()])
        return rows


def main(folder, variant, threads, precision):
    torch.set_num_threads(int(threads))
    study = Study(folder, variant, precision)
    a = study.staged("regular endpoints", study.endpoint, 1, 2, False)
    b = study.staged("regular endpoints", study.endpoint, 2, 2, False)
    c = study.staged("adversarial endpoint", study.endpoint, 3, 1, True)
    results = {}
    for name, end in (("A-B", b), ("A-C", c)):
        bend = study.staged("curves", study.curve, a, end)
        path = (a, bend, end)
        results[name] = {
            "curve": study.staged("evaluations", study.evaluation, path),
            "line": study.staged("evaluations", study.evaluation, (a, end)),
            "attack": study.staged("attacks", study.attack, path),
            "spectrum": study.staged("spectra", study.spectrum, path),
        }
    print(json.dumps({"stages": study.stages, "results": results}))


main(*sys.argv[1:])

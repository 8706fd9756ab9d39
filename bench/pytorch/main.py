"""Measures PyTorch on request: one JSON object a line on stdin, one answer a line on stdout."""

import argparse
import json
import os
import sys
import time
import traceback
import warnings

# Nothing here uses NumPy; PyTorch says at its import that there is none.
warnings.filterwarnings("ignore", message=".*NumPy.*")

import torch  # noqa: E402

from exactness import compare, write_expected, write_margins  # noqa: E402
from works import prepare  # noqa: E402


def timed(function, units, calls, wait):
    begun = time.perf_counter()
    for _ in range(calls):
        function()
    wait()
    return (time.perf_counter() - begun) * 1000 / (calls * units)


class Measurements:
    """Keeps the last work prepared, so that a block of measurements costs no new preparation."""

    def __init__(self, variant, device):
        self.variant = variant
        self.device = device
        # A GPU computes behind the program's back.
        self.wait = torch.cuda.synchronize if device == "cuda" else lambda: None
        self.key = None
        self.prepared = None

    def time(self, request):
        key = tuple(request[name] for name in ("work", "model", "precision", "inputs"))
        if key != self.key:
            self.prepared = None
            self.prepared = prepare(*key, self.variant, self.device)
            self.key = key
        function, units = self.prepared
        calls = request["calls"]
        for _ in range(request["warm"]):
            function()
        self.wait()
        return [timed(function, units, calls, self.wait) for _ in range(request["repeat"])]

    def peak_memory(self):
        """Megabytes of tensors at most so far; None on a CPU, where PyTorch does not count them."""
        return torch.cuda.max_memory_allocated() / 2**20 if self.device == "cuda" else None


def answer(measurements, request):
    if request["command"] == "about":
        return {"version": torch.__version__, "threads": torch.get_num_threads()}
    if request["command"] == "time":
        return measurements.time(request)
    if request["command"] == "memory":
        return measurements.peak_memory()
    if request["command"] == "exactness":
        return compare(request["model"], request["inputs"], request["results"])
    if request["command"] == "expected":
        return write_expected(
            request["model"], request["inputs"], request["results"], request["expected"]
        )
    if request["command"] == "margins":
        return write_margins(request["model"], request["inputs"], request["margins"])
    raise ValueError(f"unknown command {request['command']}")


def parsed_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("variant", choices=("plain", "tuned"))
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--tf32", action="store_true", help="round float32 products on a GPU")
    return parser.parse_args()


def set_up(options):
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    torch.manual_seed(1)
    if options.device == "cpu":
        return
    if not torch.cuda.is_available():
        raise SystemExit("PyTorch finds no GPU")
    torch.backends.cuda.matmul.allow_tf32 = options.tf32
    torch.backends.cudnn.allow_tf32 = options.tf32
    torch.backends.cudnn.benchmark = options.variant == "tuned"


def main():
    options = parsed_arguments()
    set_up(options)
    measurements = Measurements(options.variant, options.device)
    for line in sys.stdin:
        try:
            reply = {"result": answer(measurements, json.loads(line))}
        except Exception as error:
            traceback.print_exc()
            reply = {"failed": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), flush=True)


main()

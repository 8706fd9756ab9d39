"""Measures PyTorch on request: one JSON object a line on stdin, one answer a line on stdout."""

import json
import os
import sys
import time
import traceback
import warnings

# Nothing here uses NumPy; PyTorch says at its import that there is none.
warnings.filterwarnings("ignore", message=".*NumPy.*")

import torch  # noqa: E402

from exactness import compare  # noqa: E402
from works import prepare  # noqa: E402


def timed(function, units, calls):
    begun = time.perf_counter()
    for _ in range(calls):
        function()
    return (time.perf_counter() - begun) * 1000 / (calls * units)


class Measurements:
    """Keeps the last work prepared, so that a block of measurements costs no new preparation."""

    def __init__(self, variant):
        self.variant = variant
        self.key = None
        self.prepared = None

    def time(self, request):
        key = tuple(request[name] for name in ("work", "model", "precision", "inputs"))
        if key != self.key:
            self.prepared = None
            self.prepared = prepare(*key, self.variant)
            self.key = key
        function, units = self.prepared
        calls = request["calls"]
        for _ in range(request["warm"]):
            function()
        return [timed(function, units, calls) for _ in range(request["repeat"])]


def answer(measurements, request):
    if request["command"] == "about":
        return {"version": torch.__version__, "threads": torch.get_num_threads()}
    if request["command"] == "time":
        return measurements.time(request)
    if request["command"] == "exactness":
        return compare(request["model"], request["inputs"], request["results"])
    raise ValueError(f"unknown command {request['command']}")


def main():
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    torch.manual_seed(1)
    measurements = Measurements(sys.argv[1])
    for line in sys.stdin:
        try:
            reply = {"result": answer(measurements, json.loads(line))}
        except Exception as error:
            traceback.print_exc()
            reply = {"failed": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), flush=True)


main()

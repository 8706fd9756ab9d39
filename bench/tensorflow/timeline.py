"""Replays recorded sessions in Python and prints TensorFlow's own timeline of them, as JSON."""

import json
import os
import sys
import time
from collections import defaultdict

import numpy as np
import tensorflow as tf

v1 = tf.compat.v1
TRACED = 5
UNTRACED = 15


class Replay:
    """Recorded calls, each in the session that it was recorded in."""

    def __init__(self, folder, threads):
        self.folder = folder
        with open(os.path.join(folder, "calls.json")) as file:
            recorded = json.load(file)
        self.calls = [(call, self.feed(call)) for call in recorded["calls"]]
        self.measured_from = recorded["measuredFrom"]
        self.sessions = {}
        self.config = v1.ConfigProto(
            intra_op_parallelism_threads=threads, inter_op_parallelism_threads=threads
        )

    def feed(self, call):
        return {one["name"]: self.read(one) for one in call["inputs"]}

    def read(self, recorded):
        path = os.path.join(self.folder, recorded["file"])
        return np.fromfile(path, np.dtype(recorded["dtype"])).reshape(recorded["shape"])

    def session(self, call):
        if call["session"] not in self.sessions:
            graph = tf.Graph()
            session = v1.Session(graph=graph, config=self.config)
            with graph.as_default():
                v1.saved_model.load(session, ["serve"], os.path.join(self.folder, call["graph"]))
            self.sessions[call["session"]] = session
        return self.sessions[call["session"]]

    def run(self, calls, **traced):
        for call, feed in calls:
            self.session(call).run(call["outputs"], feed, **traced)

    def prepare(self):
        self.run(self.calls[: self.measured_from])

    def once(self):
        self.run(self.calls[self.measured_from :])

    def trace(self, visit):
        options = v1.RunOptions(trace_level=v1.RunOptions.FULL_TRACE)
        for call in self.calls[self.measured_from :]:
            metadata = v1.RunMetadata()
            self.run([call], options=options, run_metadata=metadata)
            for device in metadata.step_stats.dev_stats:
                for node in device.node_stats:
                    visit(node)


def timed(function):
    begun = time.perf_counter()
    function()
    return (time.perf_counter() - begun) * 1000


def op_name(node):
    """Of `name = Op(inputs)`; transfers have no such label."""
    _, equals, call = node.timeline_label.partition("=")
    return call.partition("(")[0].strip() if equals else node.node_name


def main(folder, threads):
    v1.disable_eager_execution()
    replay = Replay(folder, int(threads))
    replay.prepare()
    for _ in range(3):
        replay.once()
    wall = [timed(replay.once) for _ in range(UNTRACED)]
    ops = defaultdict(lambda: [0, 0.0])

    def visit(node):
        found = ops[op_name(node)]
        found[0] += 1
        found[1] += (node.op_end_rel_micros - node.op_start_rel_micros) / 1000

    for _ in range(TRACED):
        replay.trace(visit)
    rows = [{"op": op, "count": n / TRACED, "ms": ms / TRACED} for op, (n, ms) in ops.items()]
    rows.sort(key=lambda row: -row["ms"])
    print(json.dumps({"version": tf.__version__, "wallMs": wall, "ops": rows}))


main(*sys.argv[1:])

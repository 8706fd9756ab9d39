"""PGD-10 on a network like cnn-small, 128 images: ten unrolled steps against a loop in the graph, 2 threads."""

import os
import statistics
import time

THREADS = 2
os.environ.update(
    TF_NUM_INTRAOP_THREADS=str(THREADS), TF_NUM_INTEROP_THREADS=str(THREADS), TF_CPP_MIN_LOG_LEVEL="3"
)

import tensorflow as tf  # noqa: E402  (it reads the environment)

STEPS, ROUNDS = 10, 30
SHAPES = ([3, 3, 1, 16], [16], [3, 3, 16, 32], [32], [1568, 128], [128], [128, 10], [10])

tf.random.set_seed(1)
WEIGHTS = [tf.random.normal(shape, 0, 0.1).numpy() for shape in SHAPES]
IMAGES = tf.random.uniform([128, 28, 28, 1]).numpy()
LABELS = tf.one_hot(tf.range(128) % 10, 10).numpy()


def logits(x):
    first, first_bias, second, second_bias, dense, dense_bias, last, last_bias = WEIGHTS
    x = tf.nn.max_pool2d(tf.nn.relu(tf.nn.conv2d(x, first, 1, "SAME") + first_bias), 2, 2, "VALID")
    x = tf.nn.max_pool2d(tf.nn.relu(tf.nn.conv2d(x, second, 1, "SAME") + second_bias), 2, 2, "VALID")
    return tf.nn.relu(tf.reshape(x, [-1, 1568]) @ dense + dense_bias) @ last + last_bias


def step(x):
    loss = tf.reduce_sum(tf.nn.softmax_cross_entropy_with_logits(LABELS, logits(x)))
    moved = x + 0.03 * tf.sign(tf.gradients(loss, [x])[0])
    return tf.clip_by_value(tf.clip_by_value(moved, IMAGES - 0.3, IMAGES + 0.3), 0.0, 1.0)


def unrolled(x):
    for _ in range(STEPS):
        x = step(x)
    return x


def loop(x):
    return tf.while_loop(lambda i, _: i < STEPS, lambda i, x: (i + 1, step(x)), (tf.constant(0), x))[1]


def in_session(attack):
    """Loops become Switch and Merge nodes, as a graph without functions holds them."""
    graph = tf.Graph()
    with graph.as_default():
        x = tf.compat.v1.placeholder(tf.float32, IMAGES.shape)
        call = tf.compat.v1.Session(graph=graph).make_callable(attack(x), [x])
    return lambda: call(IMAGES)


def main():
    calls = {}
    for name, attack in {"unrolled": unrolled, "loop": loop}.items():
        function = tf.function(attack)
        calls[f"function, {name}"] = lambda function=function: function(tf.constant(IMAGES)).numpy()
        calls[f"function, {name}"]()  # traced while loops are still While nodes
    tf.compat.v1.disable_control_flow_v2()
    calls["session, unrolled"] = in_session(unrolled)
    calls["session, loop"] = in_session(loop)
    results = [call() for call in calls.values() for _ in range(3)]
    assert all((result == results[0]).all() for result in results)
    times = {name: [] for name in calls}
    for _ in range(ROUNDS):
        for name, call in calls.items():
            begun = time.perf_counter()
            call()
            times[name].append((time.perf_counter() - begun) * 1e3)
    for name, ms in times.items():
        print(f"{name}: median {statistics.median(ms):.1f} ms, min {min(ms):.1f}, n = {ROUNDS}")


main()

#!/usr/bin/env python3
"""Train the network of realtime/network.c on music that render.py makes, and write its weights.

    tools/beats/train.py DATA OUT.h [--minutes 40] [--start OLD.npz] [--keep NEW.npz]

The lines of OUT.h want clang-format -i. DATA is a folder of *.npz as render.py leaves them. A gated recurrent network of 24 units hears
parts of 16 s, and is to say 3 ticks after a beat that it was one, and whether it was the first of
a bar. Adam, learning rate falling as a cosine. Needs jax and numpy; on one core some 2000 steps
are 20 minutes. The weights in the tree come of four such runs of 11 to 20 minutes, each starting
from the last, over 900 to 1900 clips (110 metronomes, 650 "hard") of an earlier form of render.py
with the same patterns; the first of them with a lag of 1. Another run gives others, not the same.
"""
import argparse
import glob
import os
import time

import jax
import jax.numpy as jnp
import numpy as np

UNITS, INPUTS, LAG = 24, 18, 3
BATCH, LENGTH = 48, 800


def load(folder):
    parts = [np.load(path) for path in sorted(glob.glob(os.path.join(folder, "*.npz")))]
    return (np.concatenate([part["inputs"] for part in parts]),
            np.concatenate([part["beats"] for part in parts]))


def targets(beats):
    """1 where a beat was LAG ticks ago, 0.4 beside it; the same of first beats."""
    def soften(marks):
        late = np.roll(marks, LAG, 1)
        late[:, :LAG] = 0.0
        beside = np.maximum(np.roll(late, 1, 1), np.roll(late, -1, 1))
        return np.maximum(late, 0.4 * beside)
    return np.stack([soften((beats > 0).astype(np.float32)),
                     soften((beats == 2).astype(np.float32))], -1)


def first_weights(random):
    def draw(rows, columns, scale=1.0):
        return (random.standard_normal((rows, columns)) / np.sqrt(rows) * scale).astype(np.float32)
    bias = np.concatenate([np.ones(UNITS), np.zeros(2 * UNITS)]).astype(np.float32)
    return {"input": draw(INPUTS, 3 * UNITS), "state": draw(UNITS, 3 * UNITS, 0.8), "bias": bias,
            "output": draw(UNITS, 2, 0.5), "output_bias": np.array([-2.5, -4.0], np.float32)}


def answers(weights, inputs):
    def step(state, gates):
        back = state @ weights["state"]
        keep = jax.nn.sigmoid(gates[:, :UNITS] + back[:, :UNITS])
        reset = jax.nn.sigmoid(gates[:, UNITS:2 * UNITS] + back[:, UNITS:2 * UNITS])
        fresh = jnp.tanh(gates[:, 2 * UNITS:] + reset * back[:, 2 * UNITS:])
        state = keep * state + (1.0 - keep) * fresh
        return state, state
    gates = jnp.swapaxes(inputs @ weights["input"] + weights["bias"], 0, 1)
    _, states = jax.lax.scan(step, jnp.zeros((inputs.shape[0], UNITS)), gates, unroll=4)
    return jnp.swapaxes(states, 0, 1) @ weights["output"] + weights["output_bias"]


def loss(weights, inputs, wanted, mask):
    odds = answers(weights, inputs)
    # Beats are rare, first beats more so.
    right = -(wanted * jax.nn.log_sigmoid(odds) * jnp.array([4.0, 8.0]) +
              (1.0 - wanted) * jax.nn.log_sigmoid(-odds))
    return (right * jnp.array([1.0, 0.5]) * mask[:, :, None]).mean()


@jax.jit
def adam(weights, mean, square, count, rate, inputs, wanted, mask):
    value, slope = jax.value_and_grad(loss)(weights, inputs, wanted, mask)
    size = jnp.sqrt(sum((part ** 2).sum() for part in slope.values()))
    slope = {key: part * jnp.minimum(1.0, 1.0 / (size + 1e-9)) for key, part in slope.items()}
    mean = {key: 0.9 * mean[key] + 0.1 * slope[key] for key in slope}
    square = {key: 0.999 * square[key] + 0.001 * slope[key] ** 2 for key in slope}
    weights = {key: weights[key] - rate * (mean[key] / (1.0 - 0.9 ** count)) /
                    (jnp.sqrt(square[key] / (1.0 - 0.999 ** count)) + 1e-8) for key in weights}
    # What a byte of 32nds can hold.
    weights = {key: part if key == "output_bias" else jnp.clip(part, -3.9, 3.9)
               for key, part in weights.items()}
    return weights, mean, square, value


def train(data, minutes, weights, random):
    inputs, beats = load(data)
    mean = {key: np.zeros_like(part) for key, part in weights.items()}
    square = {key: np.zeros_like(part) for key, part in weights.items()}
    mask = np.ones((BATCH, LENGTH), np.float32)
    mask[:, :60] = 0.1  # nobody knows so early
    start, count, values = time.monotonic(), 0, []
    while (done := (time.monotonic() - start) / (60.0 * minutes)) < 1.0:
        count += 1
        rate = 5e-3 * min(1.0, count / 50) * (0.5 + 0.5 * np.cos(np.pi * done)) + 1e-5
        pairs = list(zip(random.integers(0, len(inputs), BATCH),
                         random.integers(0, inputs.shape[1] - LENGTH, BATCH)))
        heard = np.stack([inputs[i, at:at + LENGTH] for i, at in pairs]).astype(np.float32)
        wanted = targets(np.stack([beats[i, at:at + LENGTH] for i, at in pairs]))
        # Other loudspeakers; no highest octave, as at low sample rates.
        heard[:, :, :9] += random.normal(size=(BATCH, 1, 9)) * 0.08
        dull = random.random(BATCH) < 0.1
        heard[dull, :, 8] = -0.95
        heard[dull, :, 17] = 0.0
        weights, mean, square, value = adam(weights, mean, square, count, rate, heard, wanted, mask)
        values.append(float(value))
        if count % 50 == 0:
            print(count, round(np.mean(values[-50:]), 4), flush=True)
    return {key: np.asarray(part) for key, part in weights.items()}


def table(name, kind, rows):
    body = "".join("    {" + ", ".join(row) + "},\n" for row in rows)
    return f"static const {kind} {name}[{len(rows)}][{len(rows[0])}] = {{\n{body}}};\n"


def floats(values):
    return [np.format_float_positional(np.float32(v), precision=5, trim="0") + "f" for v in values]


def write_header(weights, path):
    def bytes_of(part):
        return [[str(int(v)) for v in row]
                for row in np.clip(np.round(part.T * 32.0), -127, 127)]
    with open(path, "w", encoding="utf-8") as out:
        out.write("/* Weights of network.c, made by tools/beats/train.py: do not edit. */\n"
                  "#ifndef HH_REALTIME_WEIGHTS_H\n#define HH_REALTIME_WEIGHTS_H\n\n"
                  "#include <stdint.h>\n\n"
                  "/* Rows: gate that keeps, gate that resets, new state; 32nds. */\n")
        out.write(table("input_weight", "int8_t", bytes_of(weights["input"])) + "\n")
        out.write(table("state_weight", "int8_t", bytes_of(weights["state"])) + "\n")
        out.write(f"static const float bias[{3 * UNITS}] = {{" +
                  ", ".join(floats(weights["bias"])) + "};\n\n")
        out.write("/* Of the beat, of the downbeat. */\n" +
                  table("output_weight", "float", [floats(row) for row in weights["output"].T]))
        out.write("\nstatic const float output_bias[2] = {" +
                  ", ".join(floats(weights["output_bias"])) + "};\n\n#endif\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("data")
    parser.add_argument("header")
    parser.add_argument("--minutes", type=float, default=40.0)
    parser.add_argument("--start")
    parser.add_argument("--keep")
    options = parser.parse_args()
    random = np.random.default_rng(0)
    weights = dict(np.load(options.start)) if options.start else first_weights(random)
    if options.minutes > 0.0:
        weights = train(options.data, options.minutes, weights, random)
    if options.keep:
        np.savez(options.keep, **weights)
    write_header(weights, options.header)


if __name__ == "__main__":
    main()

"""Holds both programs against recorded data: steps of Gymnasium's CartPole-v1, and gradients in double precision."""

import csv
import json
from pathlib import Path

import numpy as np
import torch

import plain
import tuned

# One step in float32 from a recorded state differs by a few last bits of the largest term.
STEP_TOLERANCE = 1e-6
# Sums of up to some hundred float32 products, relative to the largest component.
GRADIENT_TOLERANCE = 2e-5


def run(golden: Path) -> list[str]:
    """What is wrong; nothing if all is well.

    :param golden: the folder with `envs/CartPole-v1.csv` and `policy_gradient/softmax_4_32_2_relu.json`.
    """
    return check_physics(golden / "envs" / "CartPole-v1.csv") + check_gradients(
        golden / "policy_gradient" / "softmax_4_32_2_relu.json"
    )


def check_physics(path: Path) -> list[str]:
    names = ["x", "x_dot", "theta", "theta_dot"]
    with path.open(newline="") as file:
        transitions = list(csv.DictReader(file))
    before, after = (
        np.array([[float(row[prefix + name]) for row in transitions] for name in names]) for prefix in ("", "next_")
    )
    action = np.array([row["action"] == "1" for row in transitions])
    fallen = np.array([row["terminated"] == "1" for row in transitions])

    problems = compare("plain: step", plain.advance(before.astype(np.float32), action), after, STEP_TOLERANCE, scale=1)

    # Noise without end stands for the action; the order of the rows is x, θ, x', θ'.
    order = [0, 2, 1, 3]
    rollout = tuned.Rollout(len(transitions))
    rollout.rows[0, 1:5] = before[order]
    rollout.noise[0] = np.where(action, -np.inf, np.inf)
    with torch.inference_mode():
        rollout.step(0, 1, torch.zeros(tuned.HIDDEN, 5), torch.zeros(1, tuned.HIDDEN))
    stepped = rollout.rows[1, 1:5]
    problems += compare("tuned: step", stepped, after[order], STEP_TOLERANCE, scale=1)
    outside = (np.abs(stepped[:2]) > tuned.LIMITS).any(axis=0)
    if (outside != fallen).any():
        problems.append(f"tuned: {np.count_nonzero(outside != fallen)} of {len(fallen)} ends of episodes differ")
    return problems


def check_gradients(path: Path) -> list[str]:
    document = json.loads(path.read_text())
    layers = [
        (np.array(layer["W"], np.float32).reshape(len(layer["b"]), -1), np.array(layer["b"], np.float32)) for layer in document["layers"]
    ]
    problems = []
    for number, batch in enumerate(document["batches"]):
        observations = np.array(batch["obs"], np.float32).reshape(batch["n"], -1)
        actions, weights = np.array(batch["actions"]), np.array(batch["weights"], np.float32)
        expected = np.concatenate([np.array(layer[key]).ravel() for layer in batch["grad_sum_w_logp"] for key in ("W", "b")])
        for name, gradient in (("plain", plain_gradient), ("tuned", tuned_gradient)):
            actual = gradient(layers, observations, actions, weights)
            scale = np.abs(expected).max()
            problems += compare(f"{name}: gradient of batch {number}", actual, expected, GRADIENT_TOLERANCE, scale)
    return problems


def plain_gradient(layers: list, observations: np.ndarray, actions: np.ndarray, weights: np.ndarray) -> np.ndarray:
    subject = plain.PlainReinforce(seed=0)
    with torch.no_grad():
        for parameter, value in zip(subject.network.parameters(), (array for layer in layers for array in layer)):
            parameter.copy_(torch.from_numpy(value))
    subject.differentiate(torch.from_numpy(observations), torch.from_numpy(actions), torch.from_numpy(weights))
    return np.concatenate([-parameter.grad.numpy().ravel() for parameter in subject.network.parameters()])


def tuned_gradient(layers: list, observations: np.ndarray, actions: np.ndarray, weights: np.ndarray) -> np.ndarray:
    subject = tuned.TunedReinforce(seed=0)
    (weight1, bias1), (weight2, bias2) = layers
    with torch.no_grad():
        subject.weight1.copy_(torch.from_numpy(np.column_stack((bias1, weight1))))
        subject.weight2.copy_(torch.from_numpy(np.column_stack((weight2, bias2))))
    inputs = np.column_stack((np.ones(len(observations), np.float32), observations))
    signs = np.where(actions == 1, 1, -1).astype(np.float32)
    subject.differentiate(torch.from_numpy(inputs), torch.from_numpy(signs), torch.from_numpy(weights))
    first, second = subject.weight1.grad.numpy(), subject.weight2.grad.numpy()
    return np.concatenate((first[:, 1:].ravel(), first[:, 0], second[:, :-1].ravel(), second[:, -1]))


def compare(what: str, actual: np.ndarray, expected: np.ndarray, tolerance: float, scale: float) -> list[str]:
    error = float(np.abs(actual - expected).max()) / scale
    return [] if error <= tolerance else [f"{what} differs by {error:.1e}, {tolerance:.0e} is allowed"]

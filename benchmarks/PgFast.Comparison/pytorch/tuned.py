"""REINFORCE on CartPole-v1 with every trick that keeps it a PyTorch program: numpy physics, PyTorch network, autograd.

64 environments run in lockstep until the last of their episodes has ended. What makes it fast:

* Nothing is allocated in a step: every operation writes into a buffer of its own, and the views of all 500 steps are made once.
* A feature is a row: [feature][environment], so that physics works on rows and the network is two matrix products from the left.
* The state is written where the recorder wants it, [step][row][environment]. Row 0 holds ones, which makes the bias of the first
  layer a column of its weight; rows 5 and 6 hold the accelerations, so that one multiply and one add are the whole Euler step.
* Two actions need one output, the difference of the two logits. An action is drawn by comparing it with logistic noise, which is
  made for 16 steps at a time, as is the test for fallen poles.
* Autograd sees live steps alone, 4,096 at a time, so that activations and their gradients stay in the cache.
"""

import math

import numpy as np
import torch

STEP_LIMIT = 500
HIDDEN = 32
DISCOUNT = 0.99
STEP_SIZE = 0.03
STEPS_A_BLOCK = 16
SAMPLES_A_BACKWARD = 4096

# Explicit Euler at 0.02 s; 9.8 m/s², a cart of 1 kg, a pole of 0.1 kg and half a length of 0.5 m, pushed with 10 N.
TOTAL_MASS = 1.1
POLE_TERM = 0.1 * 0.5 / TOTAL_MASS
LIMITS = np.array([[2.4], [12 * 2 * math.pi / 360]], np.float32)


class Rollout:
    """Whole episodes of a number of environments side by side, with all the memory that they need."""

    def __init__(self, environments: int):
        float32 = np.float32
        # Rows: 1, x, θ, x', θ', x'', θ''. The network reads the first five, the Euler step the last six.
        self.rows = np.zeros((STEP_LIMIT + 1, 7, environments), float32)
        self.rows[:, 0] = 1
        self.noise = np.zeros((STEP_LIMIT, environments), float32)
        # Logit difference less noise: its sign is the action.
        self.margin = np.zeros((STEP_LIMIT, environments), float32)
        self.fallen = np.zeros((STEP_LIMIT, environments), bool)
        self.hidden = torch.empty(HIDDEN, environments)
        self.logit = torch.empty(1, environments)
        # Constants as whole arrays: a Python number would be converted at every call.
        self.gravity = np.full(environments, 9.8, float32)
        self.inertia = np.full(environments, 0.5 * 4 / 3, float32)
        self.push = np.full(environments, 10 / TOTAL_MASS, float32)
        self.pole = np.full((2, environments), POLE_TERM, float32)
        self.time_step = np.full((4, environments), 0.02, float32)
        self.trigonometry = np.empty((2, environments), float32)
        self.weighted = np.empty((2, environments), float32)
        self.temporary = np.empty((2, environments), float32)
        self.increment = np.empty((4, environments), float32)
        tensor = torch.from_numpy(self.rows)
        self.views = [
            (
                tensor[t, :5], self.noise[t], self.margin[t], self.rows[t, 2], self.rows[t, 4], self.rows[t, 5], self.rows[t, 6],
                self.rows[t, 1:5], self.rows[t, 3:7], self.rows[t + 1, 1:5],
            )
            for t in range(STEP_LIMIT)
        ]

    @torch.inference_mode()
    def run(self, weight1: torch.Tensor, weight2: torch.Tensor, random: np.random.Generator) -> tuple[int, np.ndarray]:
        """Plays an episode in every environment.

        :param weight1: [hidden, 5], column 0 the bias.
        :param weight2: [2, hidden + 1], the last column the bias.
        :return: steps of the longest episode, and the lengths of all.
        """
        difference = weight2[1] - weight2[0]
        bias, output = np.float32(difference[-1].item()), difference[None, :-1].contiguous()
        self.rows[0, 1:5] = random.uniform(-0.05, 0.05, self.rows[0, 1:5].shape)
        ended = np.zeros(self.noise.shape[1], bool)
        last = 0
        while last < STEP_LIMIT and not ended.all():
            first, last = last, min(last + STEPS_A_BLOCK, STEP_LIMIT)
            # u < σ(z) where z > log(u / (1 - u)); u = 0 gives -∞, which always chooses action 1.
            uniform = random.random((last - first, len(ended)), np.float32)
            with np.errstate(divide="ignore"):
                self.noise[first:last] = np.log(uniform / (1 - uniform)) - bias
            self.step(first, last, weight1, output)
            outside = np.abs(self.rows[first + 1 : last + 1, 1:3]) > LIMITS
            np.any(outside, axis=1, out=self.fallen[first:last])
            ended |= self.fallen[first:last].any(axis=0)
        fallen = self.fallen[:last]
        return last, np.where(ended, fallen.argmax(axis=0) + 1, last)

    def step(self, first: int, last: int, weight1: torch.Tensor, output: torch.Tensor) -> None:
        """Steps first to last - 1 of all environments, those included whose episode has ended: a mask would cost more."""
        multiply, add, subtract, divide, copysign, sine, cosine = (
            np.multiply, np.add, np.subtract, np.divide, np.copysign, np.sin, np.cos,
        )
        mm, rectify, hidden, logit = torch.mm, self.hidden.relu_, self.hidden, self.logit
        logits = logit.numpy()[0]
        gravity, inertia, push, pole, time_step = self.gravity, self.inertia, self.push, self.pole, self.time_step
        trigonometry, weighted, increment = self.trigonometry, self.weighted, self.increment
        (sin, cos), (weighted_sin, weighted_cos), (temp, other) = trigonometry, weighted, self.temporary
        for inputs, noise, margin, angle, rate, acceleration, angular, state, slopes, following in self.views[first:last]:
            mm(weight1, inputs, out=hidden)
            rectify()
            mm(output, hidden, out=logit)
            subtract(logits, noise, margin)
            # temp = (force + m·l·θ'²·sin θ) / M
            copysign(push, margin, temp)
            sine(angle, sin)
            cosine(angle, cos)
            multiply(trigonometry, pole, weighted)
            multiply(rate, rate, other)
            multiply(other, weighted_sin, other)
            add(temp, other, temp)
            # θ'' = (g·sin θ - cos θ·temp) / (4/3·l - (m·l/M)·cos² θ)
            multiply(sin, gravity, sin)
            multiply(cos, temp, other)
            subtract(sin, other, sin)
            multiply(weighted_cos, cos, other)
            subtract(inertia, other, other)
            divide(sin, other, angular)
            # x'' = temp - (m·l/M)·θ''·cos θ
            multiply(weighted_cos, angular, other)
            subtract(temp, other, acceleration)
            multiply(slopes, time_step, increment)
            add(state, increment, following)


class TunedReinforce:
    """A run, which stands before its first update."""

    def __init__(self, seed: int, batch: int = 64):
        self.random = np.random.default_rng(seed)
        self.batch = batch
        self.rollout = Rollout(batch)
        # Weights uniform with the variance 2 / inputs before the ReLU, 0.01 / inputs after it, biases 0.
        bound1, bound2 = math.sqrt(6 / 4), 0.1 * math.sqrt(3 / HIDDEN)
        weight1, weight2 = np.zeros((HIDDEN, 5), np.float32), np.zeros((2, HIDDEN + 1), np.float32)
        weight1[:, 1:] = self.random.uniform(-bound1, bound1, (HIDDEN, 4))
        weight2[:, :-1] = self.random.uniform(-bound2, bound2, (2, HIDDEN))
        self.weight1 = torch.from_numpy(weight1).requires_grad_()
        self.weight2 = torch.from_numpy(weight2).requires_grad_()
        self.optimizer = torch.optim.Adam([self.weight1, self.weight2], lr=STEP_SIZE, maximize=True)
        # γ^(k-t) where k ≥ t: rewards-to-go are one product of this and the rewards.
        ahead = np.arange(STEP_LIMIT)[None, :] - np.arange(STEP_LIMIT)[:, None]
        self.discounts = np.where(ahead >= 0, DISCOUNT ** np.maximum(ahead, 0), 0).astype(np.float32)

    def update(self) -> tuple[float, int]:
        """One batch of episodes, one step of Adam.

        :return: mean return of the batch, and its steps.
        """
        steps, lengths = self.rollout.run(self.weight1, self.weight2, self.random)
        live = np.arange(steps)[:, None] < lengths
        returns = (self.discounts[:steps, :steps] @ live.astype(np.float32))[live]
        deviation = returns.std()
        weights = (returns - returns.mean()) / (deviation if deviation > 1e-8 else 1)
        inputs = self.rollout.rows[:steps, :5].transpose(0, 2, 1)[live]
        signs = np.copysign(np.float32(1), self.rollout.margin[:steps][live])
        self.differentiate(torch.from_numpy(inputs), torch.from_numpy(signs), torch.from_numpy(weights / self.batch))
        self.optimizer.step()
        return float(lengths.mean()), len(weights)

    def differentiate(self, inputs: torch.Tensor, signs: torch.Tensor, weights: torch.Tensor) -> None:
        """Sets the gradient of Σ weight · log π(action|state).

        :param inputs: [steps, 5], column 0 ones.
        :param signs: [steps], 1 for action 1 and -1 for action 0.
        :param weights: [steps].
        """
        self.optimizer.zero_grad(set_to_none=True)
        for begin in range(0, len(weights), SAMPLES_A_BACKWARD):
            part = slice(begin, begin + SAMPLES_A_BACKWARD)
            difference = self.weight2[1] - self.weight2[0]
            hidden = torch.relu(inputs[part] @ self.weight1.t())
            logits = torch.addmv(difference[-1], hidden, difference[:-1])
            torch.dot(weights[part], torch.nn.functional.logsigmoid(signs[part] * logits)).backward()

    def evaluate(self, episodes: int) -> float:
        """Mean return of fresh episodes of the stochastic policy."""
        return float(Rollout(episodes).run(self.weight1, self.weight2, self.random)[1].mean())

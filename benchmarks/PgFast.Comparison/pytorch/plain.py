"""REINFORCE on CartPole-v1 as a vectorised PyTorch program is usually written: a Sequential, arrays that come and go, one backward pass."""

import math

import numpy as np
import torch
from torch import nn

STEP_LIMIT = 500
DISCOUNT = 0.99
STEP_SIZE = 0.03
POSITION_LIMIT = 2.4
ANGLE_LIMIT = 12 * 2 * math.pi / 360


def advance(state: np.ndarray, action: np.ndarray) -> np.ndarray:
    """One step of CartPole's physics.

    :param state: [4, environments], float32: x, x', θ, θ'.
    :param action: [environments], true for a push to the right.
    :return: the next state, of the same shape.
    """
    x, velocity, angle, rate = state
    sin, cos = np.sin(angle), np.cos(angle)
    temp = (np.where(action, np.float32(10), np.float32(-10)) + np.float32(0.05) * rate**2 * sin) / np.float32(1.1)
    angular = (np.float32(9.8) * sin - cos * temp) / (np.float32(0.5) * (np.float32(4 / 3) - np.float32(0.1 / 1.1) * cos**2))
    acceleration = temp - np.float32(0.05 / 1.1) * angular * cos
    return state + np.float32(0.02) * np.stack((velocity, acceleration, rate, angular))


class PlainReinforce:
    """A run, which stands before its first update."""

    def __init__(self, seed: int, batch: int = 64):
        self.random = np.random.default_rng(seed)
        torch.manual_seed(seed)
        self.batch = batch
        self.network = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 2))
        # Weights uniform with the variance 2 / inputs before the ReLU, 0.01 / inputs after it, biases 0.
        nn.init.kaiming_uniform_(self.network[0].weight, nonlinearity="relu")
        nn.init.kaiming_uniform_(self.network[2].weight, nonlinearity="linear")
        with torch.no_grad():
            self.network[2].weight.mul_(0.1)
        nn.init.zeros_(self.network[0].bias)
        nn.init.zeros_(self.network[2].bias)
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=STEP_SIZE)

    @torch.inference_mode()
    def run(self, environments: int) -> tuple[list, list, np.ndarray]:
        """Plays an episode in every environment, all in lockstep.

        :return: a list over steps of observations [environments, 4], one of actions [environments], and live [steps, environments].
        """
        state = self.random.uniform(-0.05, 0.05, (4, environments)).astype(np.float32)
        alive = np.ones(environments, bool)
        observations, actions, live = [], [], []
        while len(live) < STEP_LIMIT and alive.any():
            observation = torch.from_numpy(state.T.copy())
            logits = self.network(observation)
            action = torch.rand(environments) < torch.sigmoid(logits[:, 1] - logits[:, 0])
            observations.append(observation)
            actions.append(action)
            live.append(alive)
            state = advance(state, action.numpy())
            alive = alive & (np.abs(state[0]) <= POSITION_LIMIT) & (np.abs(state[2]) <= ANGLE_LIMIT)
        return observations, actions, np.stack(live)

    def update(self) -> tuple[float, int]:
        """One batch of episodes, one step of Adam.

        :return: mean return of the batch, and its steps.
        """
        observations, actions, live = self.run(self.batch)
        reward = live.astype(np.float32)
        returns, following = np.empty_like(reward), np.zeros(self.batch, np.float32)
        for t in reversed(range(len(reward))):
            following = returns[t] = reward[t] + np.float32(DISCOUNT) * following
        mask = torch.from_numpy(live)
        weights = torch.from_numpy(returns)[mask]
        weights = (weights - weights.mean()) / weights.std(unbiased=False).clamp_min(1e-8)
        self.differentiate(torch.stack(observations)[mask], torch.stack(actions)[mask].long(), weights / self.batch)
        self.optimizer.step()
        return float(reward.sum() / self.batch), len(weights)

    def differentiate(self, observations: torch.Tensor, actions: torch.Tensor, weights: torch.Tensor) -> None:
        """Sets the gradient of -Σ weight · log π(action|observation), which Adam descends.

        :param observations: [steps, 4].
        :param actions: [steps], 0 or 1.
        :param weights: [steps].
        """
        log_probabilities = torch.log_softmax(self.network(observations), dim=1).gather(1, actions[:, None])[:, 0]
        loss = -(weights * log_probabilities).sum()
        self.optimizer.zero_grad()
        loss.backward()

    def evaluate(self, episodes: int) -> float:
        """Mean return of fresh episodes of the stochastic policy."""
        return float(self.run(episodes)[2].sum() / episodes)

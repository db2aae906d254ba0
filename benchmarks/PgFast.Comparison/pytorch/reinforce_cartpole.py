"""Trains CartPole-v1 by REINFORCE in PyTorch until it is solved, on one thread, and prints one JSON document about it.

The algorithm is that of PgFast's defaults: a 4-32-2 ReLU network, 64 whole episodes an update, rewards-to-go with γ 0.99,
standardised over the batch, Adam with a step size of 0.03. Needs Debian's python3-torch and python3-numpy; with its reference BLAS
matrix products are several times slower than with libopenblas0-pthread.

    python3 reinforce_cartpole.py --variant tuned --seed 1
    python3 reinforce_cartpole.py --self-check
"""

import os
import time

START = time.perf_counter()
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import argparse
import ctypes
import json
import platform
import sys
from pathlib import Path

import numpy as np
import torch

import plain
import tuned



def keep_freed_memory() -> None:
    """Keeps glibc from giving large arrays back to the system: getting them again, page by page, took most of a backward pass."""
    trim_threshold, mmap_threshold = -1, -3
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:
        for option in (trim_threshold, mmap_threshold):
            mallopt(option, 1 << 30)


keep_freed_memory()
torch.set_num_threads(1)
IMPORTED = time.perf_counter()
GOLDEN = Path(__file__).resolve().parents[3] / "tests" / "golden"
SOLVED_RETURN = 475
WARM_UP_UPDATES = 3
VARIANTS = {"plain": plain.PlainReinforce, "tuned": tuned.TunedReinforce}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--variant", choices=VARIANTS, default="tuned")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--evaluation-episodes", type=int, default=1000, help="fresh episodes whenever a batch's mean return reaches 475")
    parser.add_argument("--maximum-updates", type=int, default=1000, help="gives up after so many")
    parser.add_argument("--trained-updates", type=int, default=10, help="updates after that, timed by themselves")
    parser.add_argument("--self-check", action="store_true", help="compare physics and gradients with recorded data, train nothing")
    options = parser.parse_args()
    if options.self_check:
        import self_check

        problems = self_check.run(GOLDEN)
        print(json.dumps({"problems": problems, "torch": torch.__version__, "numpy": np.__version__, "blas": blas()}))
        return 1 if problems else 0
    print(json.dumps(measure(options)))
    return 0


def measure(options: argparse.Namespace) -> dict:
    make = VARIANTS[options.variant]
    warm_up = make(seed=0)
    for _ in range(WARM_UP_UPDATES):
        warm_up.update()

    run = make(options.seed)
    solving = Stage()
    mean_return = 0.0
    while mean_return < SOLVED_RETURN and solving.updates < options.maximum_updates:
        if solving.update(run) >= SOLVED_RETURN:
            mean_return = run.evaluate(options.evaluation_episodes)
    trained = Stage()
    for _ in range(options.trained_updates):
        trained.update(run)
    return {
        "variant": options.variant,
        "seed": options.seed,
        "solved": mean_return >= SOLVED_RETURN,
        "evaluatedReturn": mean_return,
        "solving": solving.result(),
        "trained": trained.result(),
        "importSeconds": IMPORTED - START,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "blas": blas(),
    }


class Stage:
    """Updates, and the time in them alone."""

    def __init__(self) -> None:
        self.updates = self.steps = 0
        self.seconds = self.processor_seconds = 0.0

    def update(self, run) -> float:
        start, processor = time.perf_counter(), time.process_time()
        mean_return, steps = run.update()
        self.seconds += time.perf_counter() - start
        self.processor_seconds += time.process_time() - processor
        self.updates += 1
        self.steps += steps
        return mean_return

    def result(self) -> dict:
        return {
            "updates": self.updates,
            "environmentSteps": self.steps,
            "seconds": self.seconds,
            "processorSeconds": self.processor_seconds,
        }


def blas() -> str:
    """The file name of the BLAS in use, where the system tells."""
    torch.mm(torch.ones(2, 2), torch.ones(2, 2))
    try:
        files = {line.split()[-1].rsplit("/", 1)[-1] for line in open("/proc/self/maps") if "blas" in line}
    except OSError:
        return "unknown"
    return next((file for file in sorted(files) if "openblas" in file or "mkl" in file), "".join(sorted(files)[:1])) or "unknown"


if __name__ == "__main__":
    sys.exit(main())

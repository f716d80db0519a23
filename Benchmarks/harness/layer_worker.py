"""layer_worker.py CASE DIRECTION THREADS: layers in PyTorch, run when asked (see turns.py for the protocol).

Backward means a forward pass that keeps what gradients need, and the gradients of the output times random numbers by
input and weights.
"""

import sys
import time

import torch
from torch import nn

from turns import take_turns

case, direction, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
torch.set_num_threads(threads)
torch.manual_seed(7)


class Recurrent(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.layer = kind(128, 128, batch_first=True)

    def forward(self, x):
        return self.layer(x)[0]


class Attention(nn.Module):
    """As a careful user writes it: one projection for query, key and value, and the fused attention."""

    def __init__(self):
        super().__init__()
        self.normalization = nn.LayerNorm(512, eps=1e-3)
        self.projection, self.output = nn.Linear(512, 3 * 512), nn.Linear(512, 512)

    def forward(self, x):
        heads = self.projection(self.normalization(x)).view(*x.shape[:2], 3, 8, 64).permute(2, 0, 3, 1, 4)
        attended = nn.functional.scaled_dot_product_attention(*heads)
        return x + self.output(attended.transpose(1, 2).reshape(x.shape))


class Product(nn.Module):
    """The machine's rate of multiplications: 2048 × 2048 matrices."""

    def __init__(self):
        super().__init__()
        self.matrix = nn.Parameter(torch.rand(2048, 2048))

    def forward(self, x):
        return x @ self.matrix


CASES = {
    "peak": ((2048, 2048), Product),
    "lstm": ((32, 80, 128), lambda: Recurrent(nn.LSTM)),
    "gru": ((32, 80, 128), lambda: Recurrent(nn.GRU)),
    "dense": ((128, 784), lambda: nn.Sequential(
        nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10), nn.Softmax(-1))),
    "attention": ((8, 128, 512), Attention),
}


def main():
    started = time.perf_counter()
    shape, make = CASES[case]
    model, x = make(), torch.rand(shape) * 2 - 1

    def forward():
        with torch.inference_mode():
            model(x)

    x.requires_grad_(direction == "backward")
    parameters = [x, *model.parameters()]
    upstream = torch.rand_like(model(x))

    def backward():
        y = model(x)
        torch.autograd.grad(y, parameters, upstream)

    run = backward if direction == "backward" else forward
    run()
    take_turns(started, run)


if __name__ == "__main__":
    main()

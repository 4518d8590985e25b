"""PyTorch's side of the benchmark: one AdaRound training step of a block with autograd and torch.optim.Adam.

Reads lines "WORK KIND CHANNELS SIZE IMAGES ITERATIONS" and answers each with the milliseconds of one iteration.
A development tool; `npm run bench` starts it where a python3 with torch is found.
"""
import sys
import time

import torch
import torch.nn.functional as F

BATCH, ZETA, GAMMA = 32, 1.1, -0.1
torch.set_num_threads(int(sys.argv[1]))
DEVICE = torch.device(sys.argv[2] if len(sys.argv) > 2 else "cpu")
built = {}


class Layer:
    """A convolution whose weights are softly rounded at 2 bit, as AdaRoundQuantizer does."""

    def __init__(self, cin, cout, kernel, groups=1):
        w = torch.randn(cout, cin // groups, kernel, kernel) / (cin // groups * kernel * kernel) ** 0.5
        flat = w.flatten(1)
        self.scale = ((flat.max(1)[0] - flat.min(1)[0]) / 3).view(-1, 1, 1, 1).to(DEVICE)
        self.zero = (-flat.min(1)[0].view(-1, 1, 1, 1).to(DEVICE) / self.scale).round()
        w = w.to(DEVICE)
        self.floor = torch.floor(w / self.scale)
        rest = w / self.scale - self.floor
        self.v = (-torch.log((ZETA - GAMMA) / (rest - GAMMA) - 1)).requires_grad_()
        self.kernel, self.groups = kernel, groups

    def h(self):
        return torch.clamp(torch.sigmoid(self.v) * (ZETA - GAMMA) + GAMMA, 0, 1)

    def __call__(self, x):
        w = (torch.clamp(self.floor + self.h() + self.zero, 0, 3) - self.zero) * self.scale
        return F.conv2d(x, w, padding=self.kernel // 2, groups=self.groups)


def build(kind, c, size, images):
    if kind == "basic":
        layers = [Layer(c, c, 3), Layer(c, c, 3)]
        net = lambda x: F.relu(layers[1](F.relu(layers[0](x))) + x)
    else:
        layers = [Layer(c, 6 * c, 1), Layer(6 * c, 6 * c, 3, 6 * c), Layer(6 * c, c, 1)]
        net = lambda x: layers[2](F.relu6(layers[1](F.relu6(layers[0](x))))) + x
    x = torch.rand(images, c, size, size, device=DEVICE)
    y = torch.rand(images, c, size, size, device=DEVICE)
    return layers, net, x, y, torch.optim.Adam([layer.v for layer in layers])


def run(layers, net, x, y, adam, iterations):
    for i in range(iterations):
        pick = torch.randperm(x.size(0))[:BATCH].to(DEVICE)
        out = net(x[pick])
        loss = (out - y[pick]).pow(2).sum(1).mean()
        b = 20 - 18 * i / iterations
        for layer in layers:
            loss = loss + 0.01 * (1 - (2 * layer.h() - 1).abs().pow(b)).sum()
        adam.zero_grad()
        loss.backward()
        adam.step()


for line in sys.stdin:
    name, kind, c, size, images, iterations = line.split()
    if name not in built:
        built[name] = build(kind, int(c), int(size), int(images))
        run(*built[name], 3)
    if DEVICE.type == "cuda":
        torch.cuda.synchronize()
    start = time.perf_counter()
    run(*built[name], int(iterations))
    if DEVICE.type == "cuda":
        torch.cuda.synchronize()
    print((time.perf_counter() - start) * 1000 / int(iterations), flush=True)

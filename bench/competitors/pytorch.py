"""PyTorch's side of the benchmark: AdaRound training with autograd and torch.optim.Adam.

Reads one JSON request a line and answers each with the milliseconds of one iteration:
  {"work": "block", "name", "kind", "channels", "size", "images", "iterations"}: training steps of one block;
  {"work": "network", "images", "iterations", "runs"}: a whole BRECQ run of a ResNet-20, block by block;
  {"work": "forget", "name"}: frees a block.
Weights and images are random. A development tool; `npm run bench` starts it where a python3 with torch is found.
"""
import json
import sys
import time

import torch
import torch.nn.functional as F

BATCH, ZETA, GAMMA, WARMUP = 32, 1.1, -0.1, 0.2
torch.set_num_threads(int(sys.argv[1]))
torch.manual_seed(0)
DEVICE = torch.device(sys.argv[2])


class Layer:
    """A convolution or linear layer whose weights are softly rounded, as AdaRoundQuantizer does."""

    def __init__(self, cin, cout, kernel, groups=1, stride=1, bits=2, bias=False):
        shape = (cout, cin // groups, kernel, kernel) if kernel else (cout, cin)
        fan = shape[1] * max(kernel, 1) ** 2
        w = (torch.rand(shape) * 2 - 1) * (3 / fan) ** 0.5
        column = (-1,) + (1,) * (w.dim() - 1)
        low, high = w.flatten(1).min(1)[0], w.flatten(1).max(1)[0]
        self.top = 2**bits - 1
        self.scale = ((high - low) / self.top).view(column).to(DEVICE)
        self.zero = (-low.view(column).to(DEVICE) / self.scale).round()
        self.w = w.to(DEVICE)
        self.bias = torch.full((cout,), 0.01, device=DEVICE) if bias else None
        self.floor = torch.floor(self.w / self.scale)
        self.kernel, self.groups, self.stride = kernel, groups, stride
        self.reset()

    def reset(self):
        rest = self.w / self.scale - self.floor
        self.v = (-torch.log((ZETA - GAMMA) / (rest - GAMMA) - 1)).requires_grad_()

    def h(self):
        return torch.clamp(torch.sigmoid(self.v) * (ZETA - GAMMA) + GAMMA, 0, 1)

    def weight(self, mode):
        if mode == "full":
            return self.w
        if mode == "nearest":
            level = torch.round(self.w / self.scale)
        else:
            level = self.floor + (self.h() if mode == "soft" else (self.v >= 0).float())
        return (torch.clamp(level + self.zero, 0, self.top) - self.zero) * self.scale

    def __call__(self, x, mode="soft"):
        if not self.kernel:
            return F.linear(x, self.weight(mode), self.bias)
        return F.conv2d(x, self.weight(mode), self.bias, self.stride, self.kernel // 2, groups=self.groups)


def train(layers, net, x, y, adam, iterations, warmup):
    """`net` takes a batch to the block's output with soft weights."""
    start = iterations * warmup
    for i in range(iterations):
        pick = torch.randperm(x.size(0))[:BATCH].to(DEVICE)
        loss = (net(x[pick]) - y[pick]).pow(2).sum(1).mean()
        if i + 1 >= start:
            b = 2 + 18 * max(0, 1 - (i + 1 - start) / (iterations - start))
            for layer in layers:
                loss = loss + 0.01 * (1 - (2 * layer.h() - 1).abs().pow(b)).sum()
        adam.zero_grad()
        loss.backward()
        adam.step()


def block(kind, c, size, images):
    if kind == "basic":
        layers = [Layer(c, c, 3), Layer(c, c, 3)]
        net = lambda x: F.relu(layers[1](F.relu(layers[0](x))) + x)
    else:
        layers = [Layer(c, 6 * c, 1), Layer(6 * c, 6 * c, 3, 6 * c), Layer(6 * c, c, 1)]
        net = lambda x: layers[2](F.relu6(layers[1](F.relu6(layers[0](x))))) + x
    x = torch.rand(images, c, size, size, device=DEVICE)
    y = torch.rand(images, c, size, size, device=DEVICE)
    return layers, net, x, y, torch.optim.Adam([layer.v for layer in layers])


class Unit:
    """A residual block, or the pooling with the last layer."""

    def __init__(self, cin, cout, stride):
        self.one = Layer(cin, cout, 3, 1, stride, bias=True)
        self.two = Layer(cout, cout, 3, bias=True)
        self.down = Layer(cin, cout, 1, 1, stride, bias=True) if stride == 2 else None
        self.layers = [layer for layer in (self.one, self.two, self.down) if layer]

    def __call__(self, x, mode="soft"):
        shortcut = self.down(x, mode) if self.down else x
        return F.relu(self.two(F.relu(self.one(x, mode)), mode) + shortcut)


def resnet20():
    widths = [16, 16, 16, 32, 32, 32, 64, 64, 64]
    units = [Unit(cin, cout, 1 if cin == cout else 2) for cin, cout in zip([16] + widths, widths)]
    last = Layer(64, 10, 0, bits=8, bias=True)
    return Layer(3, 16, 3, bits=8, bias=True), units, last


def through(net, x):
    """The outputs for all images, 64 at a time."""
    with torch.no_grad():
        return torch.cat([net(part) for part in x.split(64)])


def reconstruct(layers, net, full, quantized, iterations):
    """Both streams after a unit: its full-precision output, and its output once its rounding is trained."""
    for layer in layers:
        layer.reset()
    target = through(lambda x: net(x, "full"), full)
    adam = torch.optim.Adam([layer.v for layer in layers], lr=0.2)
    train(layers, net, quantized, target, adam, iterations, WARMUP)
    return target, through(lambda x: net(x, "hard"), quantized)


def brecq(first, units, last, images, iterations):
    full = through(lambda x: F.relu(first(x, "full")), images)
    quantized = through(lambda x: F.relu(first(x, "nearest")), images)
    for unit in units:
        full, quantized = reconstruct(unit.layers, unit, full, quantized, iterations)
    full, quantized = full.mean((2, 3)), quantized.mean((2, 3))
    return reconstruct([last], last, full, quantized, iterations)


def seconds(job):
    if DEVICE.type == "cuda":
        torch.cuda.synchronize()
    start = time.perf_counter()
    job()
    if DEVICE.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - start


built = {}


def answer(request):
    work = request["work"]
    if work == "forget":
        built.pop(request["name"], None)
        return 0
    if work == "block":
        name, iterations = request["name"], request["iterations"]
        if name not in built:
            built[name] = block(request["kind"], request["channels"], request["size"], request["images"])
        return seconds(lambda: train(*built[name], iterations, 0)) * 1000 / iterations
    images, iterations, runs = request["images"], request["iterations"], request["runs"]
    if work not in built:
        built[work] = resnet20(), torch.rand(images, 3, 32, 32, device=DEVICE) * 4 - 2
    net, x = built[work]
    return sum(seconds(lambda: brecq(*net, x, iterations)) for _ in range(runs)) * 1000 / runs


for line in sys.stdin:
    print(answer(json.loads(line)), flush=True)

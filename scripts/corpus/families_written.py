"""Classification networks that torchvision lacks, written from their papers, in miniature."""
import torch
import torch.nn.functional as F
from torch import nn

CLASSES = 10


def conv_bn(inp, out, kernel=3, stride=1, groups=1, act=nn.ReLU):
    layers = [nn.Conv2d(inp, out, kernel, stride, kernel // 2, groups=groups, bias=False), nn.BatchNorm2d(out)]
    return nn.Sequential(*layers, *([act()] if act else []))


class Head(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(channels, CLASSES)

    def forward(self, x):
        return self.fc(torch.flatten(self.pool(x), 1))


class SqueezeExcite(nn.Module):
    """Hu et al. 2018 with linear layers: view to a vector, and back."""

    def __init__(self, channels, reduction=4, gate=nn.Sigmoid):
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Sequential(nn.Linear(channels, channels // reduction), nn.ReLU(), nn.Linear(channels // reduction, channels), gate())

    def forward(self, x):
        n, c, _, _ = x.size()
        return x * self.fc(self.pool(x).view(n, c)).view(n, c, 1, 1).expand_as(x)


class SqueezeByMean(nn.Module):
    """Squeeze-excite whose squeeze is x.mean((2, 3), keepdim=True), gate relu6(x + 3) / 6."""

    def __init__(self, channels):
        super().__init__()
        self.reduce = nn.Conv2d(channels, channels // 4, 1)
        self.expand = nn.Conv2d(channels // 4, channels, 1)

    def forward(self, x):
        s = x.mean((2, 3), keepdim=True)
        return x * (F.relu6(self.expand(F.relu(self.reduce(s))) + 3.0) / 6.0)


class GhostModule(nn.Module):
    """Half of the channels by a convolution, the other half from them by a cheap depthwise one."""

    def __init__(self, inp, out, relu=True):
        super().__init__()
        self.primary = conv_bn(inp, out // 2, 1, act=nn.ReLU if relu else None)
        self.cheap = conv_bn(out // 2, out // 2, 3, groups=out // 2, act=nn.ReLU if relu else None)
        self.out = out

    def forward(self, x):
        first = self.primary(x)
        return torch.cat([first, self.cheap(first)], dim=1)[:, : self.out, :, :]


class GhostBottleneck(nn.Module):
    def __init__(self, inp, mid, out, stride, squeeze):
        super().__init__()
        self.ghost1 = GhostModule(inp, mid)
        self.down = conv_bn(mid, mid, 3, stride, mid, act=None) if stride > 1 else None
        self.se = SqueezeByMean(mid) if squeeze else None
        self.ghost2 = GhostModule(mid, out, relu=False)
        self.shortcut = None
        if stride > 1 or inp != out:
            self.shortcut = nn.Sequential(conv_bn(inp, inp, 3, stride, inp, act=None), conv_bn(inp, out, 1, act=None))

    def forward(self, x):
        y = self.ghost1(x)
        y = self.down(y) if self.down else y
        y = self.se(y) if self.se else y
        return self.ghost2(y) + (self.shortcut(x) if self.shortcut else x)


def ghostnet():
    """Han et al. 2020."""
    blocks = [GhostBottleneck(8, 16, 8, 1, False), GhostBottleneck(8, 24, 12, 2, True), GhostBottleneck(12, 32, 12, 1, True)]
    return nn.Sequential(conv_bn(3, 8, 3, 2), *blocks, conv_bn(12, 32, 1), Head(32))


def mobileone():
    """Vasu et al. 2023 after reparameterization: one convolution with bias for each branch, S4's squeeze-excite in the last."""
    layers, inp = [nn.Conv2d(3, 12, 3, 2, 1), nn.ReLU()], 12
    for out, stride, squeeze in [(16, 2, False), (16, 1, False), (32, 2, True)]:
        layers += [nn.Conv2d(inp, inp, 3, stride, 1, groups=inp), *([SqueezeByMean(inp)] if squeeze else []), nn.ReLU()]
        layers += [nn.Conv2d(inp, out, 1), *([SqueezeByMean(out)] if squeeze else []), nn.ReLU()]
        inp = out
    return nn.Sequential(*layers, Head(inp))


class ResidualBlock(nn.Module):
    """Basic block with a gate before the addition."""

    def __init__(self, inp, out, stride, gate, act=nn.ReLU):
        super().__init__()
        self.conv1 = conv_bn(inp, out, 3, stride, act=act)
        self.conv2 = conv_bn(out, out, 3, act=None)
        self.gate = gate(out)
        self.act = act()
        self.shortcut = conv_bn(inp, out, 1, stride, act=None) if stride > 1 or inp != out else nn.Identity()

    def forward(self, x):
        return self.act(self.gate(self.conv2(self.conv1(x))) + self.shortcut(x))


def gated(gate, act=nn.ReLU):
    return nn.Sequential(conv_bn(3, 8, 3, 2, act=act), ResidualBlock(8, 8, 1, gate, act), ResidualBlock(8, 16, 2, gate, act), Head(16))


def se_resnet():
    return gated(SqueezeExcite)


def mish_resnet():
    return gated(lambda channels: nn.Identity(), nn.Mish)


class Cbam(nn.Module):
    """Woo et al. 2018: channel attention from mean and maximum, then spatial attention from both over channels."""

    def __init__(self, channels):
        super().__init__()
        self.fc = nn.Sequential(nn.Conv2d(channels, channels // 4, 1, bias=False), nn.ReLU(), nn.Conv2d(channels // 4, channels, 1, bias=False))
        self.avg, self.max = nn.AdaptiveAvgPool2d(1), nn.AdaptiveMaxPool2d(1)
        self.spatial = nn.Conv2d(2, 1, 7, padding=3, bias=False)

    def forward(self, x):
        x = x * torch.sigmoid(self.fc(self.avg(x)) + self.fc(self.max(x)))
        pooled = torch.cat([torch.mean(x, dim=1, keepdim=True), torch.max(x, dim=1, keepdim=True)[0]], dim=1)
        return x * torch.sigmoid(self.spatial(pooled))


def cbam():
    return gated(Cbam)


class Eca(nn.Module):
    """Wang et al. 2020: a one-dimensional convolution over the channels' means."""

    def __init__(self, _channels):
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.conv = nn.Conv1d(1, 1, 3, padding=1, bias=False)

    def forward(self, x):
        y = self.conv(self.pool(x).squeeze(-1).transpose(-1, -2)).transpose(-1, -2).unsqueeze(-1)
        return x * torch.sigmoid(y).expand_as(x)


def eca():
    return gated(Eca)


def prelu_face():
    """After MobileFaceNet (Chen et al. 2018): PReLU by channel, a depthwise convolution over all of the last map, an embedding."""
    act = nn.PReLU
    channels = lambda inp, out, kernel, stride, groups: [*conv_bn(inp, out, kernel, stride, groups, act=None), act(out)]
    layers = channels(3, 16, 3, 2, 1) + channels(16, 16, 3, 1, 16) + channels(16, 32, 1, 1, 1) + channels(32, 32, 3, 2, 32)
    layers += [nn.Conv2d(32, 32, 1, bias=False), nn.BatchNorm2d(32), nn.Conv2d(32, 32, 8, groups=32, bias=False), nn.BatchNorm2d(32)]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(32, 16, bias=False), nn.BatchNorm1d(16))


class InceptionBlock(nn.Module):
    def __init__(self, inp):
        super().__init__()
        relu = lambda conv: nn.Sequential(conv, nn.ReLU())
        self.one = relu(nn.Conv2d(inp, 8, 1))
        self.three = nn.Sequential(relu(nn.Conv2d(inp, 8, 1)), relu(nn.Conv2d(8, 12, 3, padding=1)))
        self.five = nn.Sequential(relu(nn.Conv2d(inp, 4, 1)), relu(nn.Conv2d(4, 8, 5, padding=2)))
        self.pool = nn.Sequential(nn.MaxPool2d(3, 1, 1), relu(nn.Conv2d(inp, 4, 1)))

    def forward(self, x):
        return torch.cat([self.one(x), self.three(x), self.five(x), self.pool(x)], 1)


def inception_lrn():
    """GoogLeNet's first form (Szegedy et al. 2015): local response normalization, pooling with ceil_mode."""
    stem = [nn.Conv2d(3, 16, 7, 2, 3), nn.ReLU(), nn.MaxPool2d(3, 2, ceil_mode=True), nn.LocalResponseNorm(5, 1e-2, 0.75, 1.0)]
    return nn.Sequential(*stem, InceptionBlock(16), nn.LocalResponseNorm(4, 2e-2, 0.75, 2.0), InceptionBlock(32), nn.Dropout(), Head(32), nn.Softmax(1))


class WrittenHardSwish(nn.Module):
    def forward(self, x):
        return x * F.relu6(x + 3.0) / 6.0


class HardSwishTimesSixth(nn.Module):
    def forward(self, x):
        return x.mul(F.relu6(x + 3.0).mul(1.0 / 6.0))


def hard_swish_written():
    stem = conv_bn(3, 8, 3, 2, act=WrittenHardSwish)
    return nn.Sequential(stem, ResidualBlock(8, 8, 1, SqueezeByMean, HardSwishTimesSixth), ResidualBlock(8, 16, 2, SqueezeByMean, WrittenHardSwish), Head(16))


class TanhGelu(nn.Module):
    """The approximation, as written by hand in many repositories."""

    def forward(self, x):
        return 0.5 * x * (1.0 + torch.tanh(0.7978845608028654 * (x + 0.044715 * torch.pow(x, 3))))


class ChannelsLastBlock(nn.Module):
    """ConvNeXt's block (Liu et al. 2022): depthwise, permute, LayerNorm, two linear layers, GELU, layer scale, permute back."""

    def __init__(self, channels, act):
        super().__init__()
        self.depthwise = nn.Conv2d(channels, channels, 7, padding=3, groups=channels)
        self.norm = nn.LayerNorm(channels, eps=1e-6)
        self.fc1, self.act, self.fc2 = nn.Linear(channels, 3 * channels), act(), nn.Linear(3 * channels, channels)
        self.gamma = nn.Parameter(torch.rand(channels) + 0.2)

    def forward(self, x):
        y = self.depthwise(x).permute(0, 2, 3, 1)
        y = self.gamma * self.fc2(self.act(self.fc1(self.norm(y))))
        return x + y.permute(0, 3, 1, 2)


class ChannelsFirstNorm(nn.Module):
    """LayerNorm over the channels of NCHW, written out."""

    def __init__(self, channels):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.rand(channels) + 0.5), nn.Parameter(torch.randn(channels) * 0.1)

    def forward(self, x):
        mean = x.mean(1, keepdim=True)
        variance = (x - mean).pow(2).mean(1, keepdim=True)
        return self.weight[:, None, None] * ((x - mean) / torch.sqrt(variance + 1e-6)) + self.bias[:, None, None]


def channels_last(act):
    stem = [nn.Conv2d(3, 16, 4, 4), ChannelsFirstNorm(16)]
    down = [ChannelsFirstNorm(16), nn.Conv2d(16, 24, 2, 2)]
    return nn.Sequential(*stem, ChannelsLastBlock(16, act), *down, ChannelsLastBlock(24, act), Head(24))


def gelu_erf():
    return channels_last(nn.GELU)


def gelu_tanh():
    return channels_last(TanhGelu)

"""Networks whose outputs are images or maps of scores, written from their papers, in miniature."""
import torch
import torch.nn.functional as F
from torch import nn

from families_written import conv_bn


class UNet(nn.Module):
    """Ronneberger et al. 2015: two levels, upsampled by transposed convolutions or bilinearly, skips concatenated."""

    def __init__(self, bilinear):
        super().__init__()
        twice = lambda inp, out: nn.Sequential(conv_bn(inp, out), conv_bn(out, out))
        self.enter, self.down1, self.down2 = twice(3, 8), twice(8, 12), twice(12, 16)
        self.pool = nn.MaxPool2d(2)
        up = lambda inp, out: nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True) if bilinear else nn.ConvTranspose2d(inp, out, 2, 2)
        kept = lambda inp, out: inp if bilinear else out
        self.up1, self.up2 = up(16, 12), up(12, 8)
        self.mix1, self.mix2 = twice(kept(16, 12) + 12, 12), twice(kept(12, 8) + 8, 8)
        self.out = nn.Conv2d(8, 4, 1)

    def forward(self, x):
        a = self.enter(x)
        b = self.down1(self.pool(a))
        c = self.down2(self.pool(b))
        b = self.mix1(torch.cat([b, self.up1(c)], 1))
        return self.out(self.mix2(torch.cat([a, self.up2(b)], 1)))


def unet_transposed():
    return UNet(False)


def unet_bilinear():
    return UNet(True)


class PaddedConv(nn.Module):
    def __init__(self, inp, out, kernel, stride):
        super().__init__()
        self.pad = nn.ReflectionPad2d(kernel // 2)
        self.conv = nn.Conv2d(inp, out, kernel, stride)

    def forward(self, x):
        return self.conv(self.pad(x))


class StyleResidual(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv1, self.norm1 = PaddedConv(channels, channels, 3, 1), nn.InstanceNorm2d(channels, affine=True)
        self.conv2, self.norm2 = PaddedConv(channels, channels, 3, 1), nn.InstanceNorm2d(channels, affine=True)

    def forward(self, x):
        return self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x))))) + x


class StyleTransfer(nn.Module):
    """Johnson et al. 2016 with instance normalization, reflection padding and nearest upsampling."""

    def __init__(self):
        super().__init__()
        norm = lambda channels: nn.InstanceNorm2d(channels, affine=True)
        self.enter = nn.Sequential(PaddedConv(3, 8, 9, 1), norm(8), nn.ReLU(), PaddedConv(8, 16, 3, 2), norm(16), nn.ReLU())
        self.residual = nn.Sequential(StyleResidual(16), StyleResidual(16))
        self.up = nn.Sequential(PaddedConv(16, 8, 3, 1), norm(8), nn.ReLU())
        self.out = PaddedConv(8, 3, 9, 1)

    def forward(self, x):
        y = self.residual(self.enter(x))
        return self.out(self.up(F.interpolate(y, scale_factor=2, mode="nearest")))


def espcn():
    """Shi et al. 2016: pixel shuffle by 3."""
    return nn.Sequential(nn.Conv2d(1, 16, 5, padding=2), nn.Tanh(), nn.Conv2d(16, 12, 3, padding=1), nn.Tanh(), nn.Conv2d(12, 9, 3, padding=1), nn.PixelShuffle(3))


class Bottleneck(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv1, self.conv2 = conv_bn(channels, channels, 1, act=nn.SiLU), conv_bn(channels, channels, 3, act=nn.SiLU)

    def forward(self, x):
        return x + self.conv2(self.conv1(x))


class Csp(nn.Module):
    """A cross-stage partial block (Wang et al. 2020) as in YOLOX; `split` halves one convolution's output instead, as in YOLOv8."""

    def __init__(self, inp, out, split=False):
        super().__init__()
        half = out // 2
        self.split = split
        self.one = conv_bn(inp, out if split else half, 1, act=nn.SiLU)
        self.two = None if split else conv_bn(inp, half, 1, act=nn.SiLU)
        self.inner = Bottleneck(half)
        self.last = conv_bn(3 * half if split else 2 * half, out, 1, act=nn.SiLU)

    def forward(self, x):
        if self.split:
            parts = list(self.one(x).chunk(2, 1))
            return self.last(torch.cat([*parts, self.inner(parts[-1])], 1))
        return self.last(torch.cat([self.inner(self.one(x)), self.two(x)], 1))


class Focus(nn.Module):
    """YOLOX's stem: each 2x2 of pixels becomes channels."""

    def __init__(self, out):
        super().__init__()
        self.conv = conv_bn(12, out, act=nn.SiLU)

    def forward(self, x):
        return self.conv(torch.cat([x[..., ::2, ::2], x[..., 1::2, ::2], x[..., ::2, 1::2], x[..., 1::2, 1::2]], 1))


class Yolo(nn.Module):
    """CSP backbone with SPP, a path that upsamples and concatenates, and a decoupled head on two scales (after YOLOX, Ge et al. 2021)."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(Focus(8), conv_bn(8, 12, stride=2, act=nn.SiLU), Csp(12, 12))
        self.deep = nn.Sequential(conv_bn(12, 16, stride=2, act=nn.SiLU), Csp(16, 16, split=True))
        self.pools = nn.ModuleList([nn.MaxPool2d(k, 1, k // 2) for k in (3, 5)])
        self.spp = conv_bn(48, 16, 1, act=nn.SiLU)
        self.up = nn.Upsample(scale_factor=2, mode="nearest")
        self.mix = Csp(28, 12)
        head = lambda inp, out: nn.Sequential(conv_bn(inp, 12, act=nn.SiLU), nn.Conv2d(12, out, 1))
        self.scores, self.boxes = nn.ModuleList([head(12, 3), head(16, 3)]), nn.ModuleList([head(12, 5), head(16, 5)])

    def forward(self, x):
        near = self.stem(x)
        far = self.deep(near)
        far = self.spp(torch.cat([far, *[pool(far) for pool in self.pools]], 1))
        near = self.mix(torch.cat([self.up(far), near], 1))
        out = []
        for feature, scores, boxes in zip((near, far), self.scores, self.boxes):
            box = boxes(feature)
            out.append(torch.cat([box[:, :4], box[:, 4:].sigmoid(), scores(feature).sigmoid()], 1).flatten(2))
        return torch.cat(out, 2).permute(0, 2, 1)


class HrNet(nn.Module):
    """Wang et al. 2020: three resolutions side by side and one exchange among them, then all concatenated at the finest."""

    def __init__(self):
        super().__init__()
        widths = [8, 12, 16]
        self.stem = nn.Sequential(conv_bn(3, 8, stride=2), conv_bn(8, 8))
        self.enter = nn.ModuleList([conv_bn(8, 8), conv_bn(8, 12, stride=2), nn.Sequential(conv_bn(8, 12, stride=2), conv_bn(12, 16, stride=2))])
        self.fuse = nn.ModuleList([nn.ModuleList([self.path(widths, i, j) for j in range(3)]) for i in range(3)])
        self.out = nn.Sequential(conv_bn(36, 16, 1), nn.Conv2d(16, 4, 1))

    @staticmethod
    def path(widths, to, by):
        if to == by:
            return nn.Identity()
        if by > to:
            return nn.Sequential(conv_bn(widths[by], widths[to], 1, act=None), nn.Upsample(scale_factor=2 ** (by - to), mode="nearest"))
        steps = [conv_bn(widths[by], widths[by], stride=2) for _ in range(to - by - 1)]
        return nn.Sequential(*steps, conv_bn(widths[by], widths[to], stride=2, act=None))

    def forward(self, x):
        x = self.stem(x)
        streams = [enter(x) for enter in self.enter]
        fused = [F.relu(sum(path(stream) for path, stream in zip(paths, streams))) for paths in self.fuse]
        size = fused[0].shape[-2:]
        wide = [fused[0], *[F.interpolate(f, size=size, mode="bilinear", align_corners=False) for f in fused[1:]]]
        return self.out(torch.cat(wide, 1))

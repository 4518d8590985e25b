"""The demo networks, by the name under which they ship in public/demo.

Small relatives of the families that papers on quantization report: a residual network of basic blocks, an
inverted-residual network whose depthwise layers are known to suffer from per-tensor grids, and a network of
grouped bottlenecks.
"""
import torch
import torch.nn as nn
import torch.nn.functional as F


def norm(cin, cout, kernel, stride=1, groups=1):
    """A convolution without bias and its batch normalization."""
    return nn.Sequential(nn.Conv2d(cin, cout, kernel, stride, kernel // 2, groups=groups, bias=False), nn.BatchNorm2d(cout))


class BasicBlock(nn.Module):
    def __init__(self, cin, cout, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(cout)
        self.conv2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(cout)
        self.shortcut = nn.Sequential()
        if stride != 1 or cin != cout:
            self.shortcut = nn.Sequential(nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(y)) + self.shortcut(x))


class ResNet(nn.Module):
    def __init__(self, widths=(16, 32, 64), depth=2, classes=10):
        super().__init__()
        self.conv1 = nn.Conv2d(3, widths[0], 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(widths[0])
        cin = widths[0]
        for stage, width in enumerate(widths):
            blocks = [BasicBlock(cin if i == 0 else width, width, 2 if stage and i == 0 else 1) for i in range(depth)]
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
            cin = width
        self.fc = nn.Linear(cin, classes)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.fc(torch.flatten(F.adaptive_avg_pool2d(x, 1), 1))


class InvertedResidual(nn.Module):
    def __init__(self, cin, cout, stride, expansion):
        super().__init__()
        width = cin * expansion
        self.expand = norm(cin, width, 1)
        self.depthwise = norm(width, width, 3, stride, width)
        self.project = norm(width, cout, 1)
        self.skip = stride == 1 and cin == cout

    def forward(self, x):
        y = self.project(F.relu6(self.depthwise(F.relu6(self.expand(x)))))
        return x + y if self.skip else y


class MobileNet(nn.Module):
    # Channels out, stride, expansion.
    BLOCKS = ((24, 2, 4), (24, 1, 4), (40, 2, 4), (40, 1, 4), (64, 1, 4), (64, 1, 4))

    def __init__(self, classes=10):
        super().__init__()
        self.stem = norm(3, 16, 3)
        blocks, cin = [], 16
        for cout, stride, expansion in self.BLOCKS:
            blocks.append(InvertedResidual(cin, cout, stride, expansion))
            cin = cout
        self.blocks = nn.Sequential(*blocks)
        self.head = norm(cin, 128, 1)
        self.fc = nn.Linear(128, classes)

    def forward(self, x):
        x = self.blocks(F.relu6(self.stem(x)))
        x = F.relu6(self.head(x))
        return self.fc(torch.flatten(F.adaptive_avg_pool2d(x, 1), 1))


class GroupedBottleneck(nn.Module):
    def __init__(self, cin, cout, stride, group):
        super().__init__()
        self.a = norm(cin, cout, 1)
        self.b = norm(cout, cout, 3, stride, cout // group)
        self.c = norm(cout, cout, 1)
        self.shortcut = norm(cin, cout, 1, stride) if stride != 1 or cin != cout else nn.Sequential()

    def forward(self, x):
        y = self.c(F.relu(self.b(F.relu(self.a(x)))))
        return F.relu(y + self.shortcut(x))


class RegNet(nn.Module):
    # Channels, blocks; each stage halves the image.
    STAGES = ((24, 1), (56, 2), (112, 2))

    def __init__(self, classes=10, group=8):
        super().__init__()
        self.stem = norm(3, 16, 3)
        cin = 16
        for stage, (cout, depth) in enumerate(self.STAGES):
            blocks = [GroupedBottleneck(cin if i == 0 else cout, cout, 2 if i == 0 else 1, group) for i in range(depth)]
            setattr(self, f"s{stage + 1}", nn.Sequential(*blocks))
            cin = cout
        self.fc = nn.Linear(cin, classes)

    def forward(self, x):
        x = F.relu(self.stem(x))
        x = self.s3(self.s2(self.s1(x)))
        return self.fc(torch.flatten(F.adaptive_avg_pool2d(x, 1), 1))


NETWORKS = {"shapes-resnet14": ResNet, "shapes-mobilenet": MobileNet, "shapes-regnet": RegNet}
# Epochs of the schedule, the epoch after which training stops, and the highest learning rate.
TRAINING = {"shapes-resnet14": (14, 13, 0.15), "shapes-mobilenet": (8, 8, 0.15), "shapes-regnet": (10, 10, 0.15)}

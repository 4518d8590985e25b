"""Networks of torchvision, built from its own classes with small settings."""
from functools import partial

import torch
from torch import nn
from torchvision.models.convnext import CNBlockConfig, ConvNeXt
from torchvision.models.detection.retinanet import RetinaNetHead
from torchvision.models.detection.ssdlite import SSDLiteHead
from torchvision.models.efficientnet import EfficientNet, FusedMBConvConfig, MBConvConfig
from torchvision.models.mobilenetv2 import MobileNetV2
from torchvision.models.mobilenetv3 import MobileNetV3, _mobilenet_v3_conf
from torchvision.models.regnet import BlockParams, RegNet
from torchvision.models.resnet import BasicBlock, Bottleneck
from torchvision.models.segmentation.deeplabv3 import DeepLabHead, DeepLabV3
from torchvision.models.segmentation.fcn import FCN, FCNHead
from torchvision.models.segmentation.lraspp import LRASPP
from torchvision.models.shufflenetv2 import ShuffleNetV2
from torchvision.models._utils import IntermediateLayerGetter
from torchvision.ops import FeaturePyramidNetwork

CLASSES = 10


def mobilenet_v3(arch, kept, width):
    """The first `kept` blocks of the published table."""
    setting, _ = _mobilenet_v3_conf(arch, width_mult=width)
    return MobileNetV3(setting[:kept], last_channel=64, num_classes=CLASSES)


def mobilenet_v3_small():
    return mobilenet_v3("mobilenet_v3_small", 8, 0.25)


def mobilenet_v3_large():
    return mobilenet_v3("mobilenet_v3_large", 11, 0.15)


def efficientnet_b0():
    block = partial(MBConvConfig, width_mult=0.5, depth_mult=1.0)
    setting = [block(1, 3, 1, 16, 16, 1), block(6, 3, 2, 16, 16, 2), block(6, 5, 2, 16, 24, 2), block(6, 5, 1, 24, 32, 1)]
    return EfficientNet(setting, dropout=0.2, num_classes=CLASSES, last_channel=64)


def efficientnet_v2():
    setting = [
        FusedMBConvConfig(1, 3, 1, 8, 8, 1),
        FusedMBConvConfig(4, 3, 2, 8, 16, 2),
        MBConvConfig(4, 3, 2, 16, 24, 2),
        MBConvConfig(6, 3, 1, 24, 24, 1),
    ]
    return EfficientNet(setting, dropout=0.2, num_classes=CLASSES, norm_layer=partial(nn.BatchNorm2d, eps=1e-3), last_channel=64)


def regnet_y():
    parameters = BlockParams.from_init_params(depth=5, w_0=16, w_a=9.0, w_m=2.0, group_width=8, se_ratio=0.25)
    return RegNet(parameters, num_classes=CLASSES, stem_width=8)


def shufflenet_v2():
    return ShuffleNetV2([2, 3, 2], [8, 16, 32, 48, 64], num_classes=CLASSES)


def convnext():
    setting = [CNBlockConfig(16, 24, 1), CNBlockConfig(24, 32, 2), CNBlockConfig(32, None, 1)]
    return ConvNeXt(setting, layer_scale=0.5, num_classes=CLASSES)


class SmallResNet(nn.Module):
    """Stem, stages and head of torchvision's ResNet with free widths; dilation in place of stride on request."""

    def __init__(self, block, depths, planes, norm=nn.BatchNorm2d, groups=1, base_width=64, dilated=False):
        super().__init__()
        self.conv1 = nn.Conv2d(3, planes[0], 7, 2, 3, bias=False)
        self.bn1 = norm(planes[0])
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        channels = planes[0]
        for at, (depth, width) in enumerate(zip(depths, planes), start=1):
            stride, dilation = (1, 1) if at == 1 else (1, 2) if dilated and at == len(planes) else (2, 1)
            out = width * block.expansion
            blocks = []
            for i in range(depth):
                shortcut = None
                if i == 0 and (stride != 1 or channels != out):
                    shortcut = nn.Sequential(nn.Conv2d(channels, out, 1, stride, bias=False), norm(out))
                options = dict(groups=groups, base_width=base_width, norm_layer=norm)
                if block is Bottleneck:
                    options["dilation"] = dilation
                blocks.append(block(channels, width, stride if i == 0 else 1, shortcut, **options))
                channels = out
            setattr(self, f"layer{at}", nn.Sequential(*blocks))
        self.stages = len(planes)
        self.channels = channels
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(channels, CLASSES)

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        for at in range(self.stages):
            x = getattr(self, f"layer{at + 1}")(x)
        return self.fc(torch.flatten(self.avgpool(x), 1))


def resnext():
    return SmallResNet(Bottleneck, [1, 2, 1], [8, 12, 16], groups=4, base_width=16)


def resnet_group_norm():
    return SmallResNet(BasicBlock, [1, 1, 1], [8, 16, 24], norm=partial(nn.GroupNorm, 4))


def fcn():
    network = SmallResNet(Bottleneck, [1, 1, 1], [4, 6, 8], dilated=True)
    backbone = IntermediateLayerGetter(network, {"layer3": "out", "layer2": "aux"})
    return FCN(backbone, FCNHead(32, 5), FCNHead(24, 5))


def deeplab_v3():
    network = SmallResNet(Bottleneck, [1, 1, 1], [4, 6, 8], dilated=True)
    head = DeepLabHead(32, 5)
    # ASPP's width of 256 is fixed in torchvision; the head is taken with its structure and a width of 8.
    narrow(head, 256, 8)
    return DeepLabV3(IntermediateLayerGetter(network, {"layer3": "out"}), head)


def narrow(module, wide, slim):
    """Replaces convolutions and normalizations of `wide` channels by `slim` ones, five times as many where they are concatenated."""
    width = lambda channels: slim if channels == wide else 5 * slim if channels == 5 * wide else channels
    for name, child in module.named_children():
        if isinstance(child, nn.Conv2d):
            bias = child.bias is not None
            conv = nn.Conv2d(width(child.in_channels), width(child.out_channels), child.kernel_size, 1, child.padding, child.dilation, bias=bias)
            setattr(module, name, conv)
        elif isinstance(child, nn.BatchNorm2d):
            setattr(module, name, nn.BatchNorm2d(width(child.num_features)))
        else:
            narrow(child, wide, slim)


def lraspp():
    features = mobilenet_v3("mobilenet_v3_large", 8, 0.15).features
    backbone = IntermediateLayerGetter(features, {"4": "low", "8": "high"})
    return LRASPP(backbone, low_channels=8, high_channels=features[8].out_channels, num_classes=5, inter_channels=16)


class SsdLite(nn.Module):
    """Class scores and boxes of all anchors, without decoding and suppression."""

    def __init__(self):
        super().__init__()
        setting = [[1, 8, 1, 1], [4, 12, 2, 2], [4, 16, 2, 2]]
        self.backbone = MobileNetV2(num_classes=CLASSES, inverted_residual_setting=setting, round_nearest=4, width_mult=0.75).features[:-1]
        self.extra = nn.Sequential(nn.Conv2d(12, 8, 1), nn.ReLU6(), nn.Conv2d(8, 16, 3, 2, 1), nn.ReLU6())
        self.head = SSDLiteHead([12, 16], [3, 3], 4, partial(nn.BatchNorm2d, eps=1e-3, momentum=0.03))

    def forward(self, x):
        first = self.backbone(x)
        return self.head([first, self.extra(first)])


class RetinaNet(nn.Module):
    """Class scores and boxes of all anchors over a feature pyramid, without decoding and suppression."""

    def __init__(self):
        super().__init__()
        network = SmallResNet(BasicBlock, [1, 1, 1], [8, 8, 16])
        self.body = IntermediateLayerGetter(network, {"layer2": "0", "layer3": "1"})
        self.fpn = FeaturePyramidNetwork([8, 16], 8)
        self.head = RetinaNetHead(8, 3, 4, partial(nn.GroupNorm, 4))

    def forward(self, x):
        return self.head(list(self.fpn(self.body(x)).values()))

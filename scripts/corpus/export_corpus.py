"""
Writes tests/formats/corpus: one ONNX file a network family, as PyTorch's exporter writes it, with small widths and seeded weights.

Development only. Needs PyTorch 1.13, torchvision 0.14 and onnx (Debian 12: python3-torch, python3-torchvision, python3-onnx):

    python3 scripts/corpus/export_corpus.py [--out FOLDER] [NAME ...]

Batch-norm statistics are those of random images, so that values stay near 1 through the network, as in a trained one.
"""
import argparse
import json
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import onnx
import torch
import torchvision
from torch import nn

import families_dense as dense
import families_torchvision as tv
import families_written as written

LIMIT = 400_000
IMAGE = (3, 64, 64)
TORCHVISION, WRITTEN = f"torchvision {torchvision.__version__.split('a')[0]}", "written from the paper"


@dataclass(frozen=True)
class Entry:
    name: str
    family: str
    source: str
    opset: int
    build: Callable[[], nn.Module]
    image: tuple = IMAGE
    # "batch": the batch is symbolic; "fixed": every extent is a number; "open": height and width are symbolic too.
    shape: str = "batch"
    outputs: tuple = ("output",)
    # How the file is written: "plain", "initializers as inputs", "external data", "batch norm kept".
    form: str = "plain"


ENTRIES = [
    Entry("mobilenet-v3-small", "MobileNetV3 small", TORCHVISION, 13, tv.mobilenet_v3_small),
    Entry("mobilenet-v3-large", "MobileNetV3 large", TORCHVISION, 17, tv.mobilenet_v3_large, shape="fixed", form="batch norm kept"),
    Entry("efficientnet-b0", "EfficientNet", TORCHVISION, 11, tv.efficientnet_b0),
    Entry("efficientnet-v2", "EfficientNetV2", TORCHVISION, 15, tv.efficientnet_v2, form="batch norm kept"),
    Entry("regnet-y", "RegNetY", TORCHVISION, 12, tv.regnet_y),
    Entry("shufflenet-v2", "ShuffleNetV2", TORCHVISION, 11, tv.shufflenet_v2),
    Entry("shufflenet-v2-fixed", "ShuffleNetV2", TORCHVISION, 9, tv.shufflenet_v2, shape="fixed"),
    Entry("convnext", "ConvNeXt", TORCHVISION, 17, tv.convnext),
    Entry("convnext-opset-13", "ConvNeXt", TORCHVISION, 13, tv.convnext, shape="fixed"),
    Entry("resnext", "ResNeXt", TORCHVISION, 10, tv.resnext, form="initializers as inputs"),
    Entry("resnet-group-norm", "ResNet with GroupNorm", TORCHVISION, 14, tv.resnet_group_norm),
    Entry("fcn", "FCN", TORCHVISION, 13, tv.fcn, outputs=("out", "aux")),
    Entry("fcn-open", "FCN", TORCHVISION, 16, tv.fcn, shape="open", outputs=("out", "aux")),
    Entry("deeplab-v3", "DeepLabV3", TORCHVISION, 12, tv.deeplab_v3, shape="fixed", outputs=("out",)),
    Entry("lraspp", "LR-ASPP", TORCHVISION, 14, tv.lraspp, outputs=("out",)),
    Entry("ssdlite", "SSDlite", TORCHVISION, 11, tv.SsdLite, outputs=("bbox_regression", "cls_logits")),
    Entry("retinanet", "RetinaNet", TORCHVISION, 15, tv.RetinaNet, outputs=("cls_logits", "bbox_regression")),
    Entry("ghostnet", "GhostNet", WRITTEN, 12, written.ghostnet),
    Entry("mobileone", "MobileOne, reparameterized", WRITTEN, 16, written.mobileone),
    Entry("se-resnet", "SE-ResNet", WRITTEN, 11, written.se_resnet),
    Entry("se-resnet-fixed", "SE-ResNet", WRITTEN, 14, written.se_resnet, shape="fixed", form="batch norm kept"),
    Entry("mish-resnet", "ResNet with Mish", WRITTEN, 13, written.mish_resnet),
    Entry("cbam", "CBAM", WRITTEN, 14, written.cbam),
    Entry("eca", "ECA", WRITTEN, 13, written.eca),
    Entry("prelu-face", "MobileFaceNet with PReLU", WRITTEN, 9, written.prelu_face, image=(3, 32, 32), form="batch norm kept"),
    Entry("inception-lrn", "Inception with LRN", WRITTEN, 10, written.inception_lrn, form="external data"),
    Entry("hard-swish-written", "hard-swish written out, squeeze by ReduceMean", WRITTEN, 10, written.hard_swish_written),
    Entry("gelu-erf", "channels-last blocks, GELU by Erf, LayerNorm written out", WRITTEN, 16, written.gelu_erf),
    Entry("gelu-tanh", "channels-last blocks, GELU by Tanh, LayerNorm as operator", WRITTEN, 17, written.gelu_tanh),
    Entry("unet-transposed", "U-Net with transposed convolutions", WRITTEN, 13, dense.unet_transposed, image=(3, 32, 32)),
    Entry("unet-bilinear", "U-Net with bilinear upsampling", WRITTEN, 11, dense.unet_bilinear, image=(3, 32, 32)),
    Entry("style-transfer", "style transfer with InstanceNorm", WRITTEN, 12, dense.StyleTransfer, image=(3, 32, 32)),
    Entry("style-transfer-open", "style transfer with InstanceNorm", WRITTEN, 9, dense.StyleTransfer, image=(3, 32, 32), shape="open"),
    Entry("espcn", "ESPCN", WRITTEN, 15, dense.espcn, image=(1, 16, 16)),
    Entry("yolo-csp", "CSP blocks with SiLU", WRITTEN, 11, dense.Yolo),
    Entry("hrnet", "HRNet", WRITTEN, 14, dense.HrNet),
]


def randomize(network, image, seed):
    """Seeded parameters; normalization statistics of random images."""
    torch.manual_seed(seed)
    normalizations = (nn.BatchNorm1d, nn.BatchNorm2d, nn.LayerNorm, nn.GroupNorm, nn.InstanceNorm2d)
    for module in network.modules():
        if isinstance(module, (nn.Conv1d, nn.Conv2d, nn.ConvTranspose2d, nn.Linear)):
            nn.init.kaiming_normal_(module.weight, mode="fan_in", nonlinearity="relu")
            if module.bias is not None:
                nn.init.normal_(module.bias, std=0.1)
        elif isinstance(module, normalizations) and module.weight is not None:
            nn.init.uniform_(module.weight, 0.6, 1.4)
            nn.init.normal_(module.bias, std=0.2)
        elif isinstance(module, nn.PReLU):
            nn.init.uniform_(module.weight, 0.05, 0.4)
    network.eval()
    for module in network.modules():
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            module.momentum = None
            module.train()
    with torch.no_grad():
        for _ in range(3):
            network(torch.randn(8, *image))
    return network.eval()


def export(entry, out):
    network = randomize(entry.build(), entry.image, seed=1)
    path = out / f"{entry.name}.onnx"
    axes = {0: "batch"} if entry.shape != "fixed" else {}
    sizes = {2: "height", 3: "width"} if entry.shape == "open" else {}
    dynamic = {"input": {**axes, **sizes}, **{name: axes for name in entry.outputs}} if axes else None
    options = {}
    if entry.form == "initializers as inputs":
        options["keep_initializers_as_inputs"] = True
    if entry.form == "batch norm kept":
        options["training"] = torch.onnx.TrainingMode.PRESERVE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            torch.randn(1, *entry.image),
            str(path),
            opset_version=entry.opset,
            input_names=["input"],
            output_names=list(entry.outputs),
            dynamic_axes=dynamic,
            **options,
        )
    model = onnx.load(str(path))
    if entry.form == "external data":
        onnx.save_model(model, str(path), save_as_external_data=True, all_tensors_to_one_file=True, location=f"{entry.name}.onnx.data", size_threshold=256)
    written_files = [path, *([out / f"{entry.name}.onnx.data"] if entry.form == "external data" else [])]
    size = sum(file.stat().st_size for file in written_files)
    if size > LIMIT:
        raise SystemExit(f"{path.name} takes {size} bytes; at most {LIMIT} may be committed")
    operators = sorted({node.op_type for node in model.graph.node})
    print(f"{entry.name:22} opset {entry.opset:2} {size / 1000:7.1f} kB  {' '.join(operators)}")
    return {
        "file": path.name,
        "externalData": [file.name for file in written_files[1:]],
        "family": entry.family,
        "source": entry.source,
        "exporter": f"PyTorch {torch.__version__.split('a')[0]}",
        "opset": entry.opset,
        "input": [1, *entry.image],
        "shape": entry.shape,
        "form": entry.form,
        "outputs": list(entry.outputs),
        "operators": operators,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[2] / "tests/formats/corpus")
    parser.add_argument("names", nargs="*", help="only these files")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    index = arguments.out / "corpus.json"
    kept = {entry["file"]: entry for entry in json.loads(index.read_text())} if index.exists() else {}
    for entry in ENTRIES:
        if not arguments.names or entry.name in arguments.names:
            kept[f"{entry.name}.onnx"] = export(entry, arguments.out)
    ordered = [kept[f"{entry.name}.onnx"] for entry in ENTRIES if f"{entry.name}.onnx" in kept]
    index.write_text(json.dumps(ordered, indent=2) + "\n")


if __name__ == "__main__":
    main()

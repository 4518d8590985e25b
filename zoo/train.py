"""Trains a demo network on the procedural data set and exports it as ONNX.

A development tool: the product ships its output (public/demo) and never runs it.

    npx rolldown zoo/draw.ts --platform node --format esm -o dist/zoo/draw.mjs
    node dist/zoo/draw.mjs train 60000 /tmp/train && node dist/zoo/draw.mjs test 2000 /tmp/test
    /usr/bin/python3 zoo/train.py shapes-resnet14 /tmp/train /tmp/test public/demo

The exported network keeps its batch normalization: folding it is part of what the lab shows, and data-free
methods read its statistics. The inverted-residual network is exported a second time with the normalization
folded, as people get it from other tools.
"""
import copy
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

from networks import NETWORKS, TRAINING

BATCH, SEED = 128, 7
MEAN, STD = 0.5, 0.25


def load(path):
    images = np.fromfile(path + ".images", np.uint8).reshape(-1, 32, 32, 3)
    labels = np.fromfile(path + ".labels", np.uint8).astype(np.int64)
    return torch.from_numpy(images).permute(0, 3, 1, 2), torch.from_numpy(labels)


def normalize(batch):
    return (batch.float() / 255 - MEAN) / STD


def accuracy(net, images, labels):
    net.eval()
    with torch.no_grad():
        hits = sum((net(normalize(images[i:i + 250])).argmax(1) == labels[i:i + 250]).sum().item() for i in range(0, len(labels), 250))
    net.train()
    return 100 * hits / len(labels)


def export(net, path, folded):
    net = copy.deepcopy(net).to(memory_format=torch.contiguous_format).eval()
    mode = torch.onnx.TrainingMode.EVAL if folded else torch.onnx.TrainingMode.PRESERVE
    torch.onnx.export(net, torch.zeros(1, 3, 32, 32), path, input_names=["input"], output_names=["logits"],
                      dynamic_axes={"input": {0: "batch"}, "logits": {0: "batch"}}, opset_version=13,
                      training=mode, do_constant_folding=folded)


def main(name, train_path, test_path, folder):
    torch.manual_seed(SEED)
    images, labels = load(train_path)
    test = load(test_path)
    # Depthwise convolutions on a CPU are twice as fast with channels last.
    net = NETWORKS[name]().to(memory_format=torch.channels_last)
    epochs, stop, rate = TRAINING[name]
    steps = epochs * (len(labels) // BATCH)
    optimizer = torch.optim.SGD(net.parameters(), lr=rate, momentum=0.9, weight_decay=5e-4, nesterov=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps, pct_start=0.2)
    start = time.time()
    for epoch in range(stop):
        order = torch.randperm(len(labels))
        for i in range(len(labels) // BATCH):
            pick = order[i * BATCH:(i + 1) * BATCH]
            x = normalize(images[pick])
            loss = F.cross_entropy(net(x), labels[pick])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        print(f"epoch {epoch} loss {loss.item():.3f} test {accuracy(net, *test):.2f} {time.time() - start:.0f}s", flush=True)
        if name == "shapes-mobilenet":
            export(net, f"{folder}/{name}-bn.onnx", folded=False)
            export(net, f"{folder}/{name}.onnx", folded=True)
        else:
            export(net, f"{folder}/{name}.onnx", folded=False)


if __name__ == "__main__":
    main(*sys.argv[1:])

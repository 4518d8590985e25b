"""Trains the demo network on the procedural data set and exports it as ONNX.

A development tool: the product ships its output (public/demo/shapes-resnet14.onnx) and never runs it.

    npx rolldown zoo/draw.ts --platform node --format esm -o dist/zoo/draw.mjs
    node dist/zoo/draw.mjs train 60000 /tmp/train && node dist/zoo/draw.mjs test 2000 /tmp/test
    /usr/bin/python3 zoo/train.py /tmp/train /tmp/test public/demo/shapes-resnet14.onnx

The exported network keeps its batch normalization: folding it is part of what the lab shows.
"""
import sys
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

EPOCHS, BATCH, RATE, SEED = 14, 128, 0.15, 7
# Stopped a little before the end of the schedule.
STOP_AFTER = 13
MEAN, STD = 0.5, 0.25


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


def load(path):
    images = np.fromfile(path + ".images", np.uint8).reshape(-1, 32, 32, 3)
    labels = np.fromfile(path + ".labels", np.uint8).astype(np.int64)
    return torch.from_numpy(images).permute(0, 3, 1, 2).contiguous(), torch.from_numpy(labels)


def normalize(batch):
    return (batch.float() / 255 - MEAN) / STD


def accuracy(net, images, labels):
    net.eval()
    with torch.no_grad():
        hits = sum((net(normalize(images[i:i + 250])).argmax(1) == labels[i:i + 250]).sum().item() for i in range(0, len(labels), 250))
    net.train()
    return 100 * hits / len(labels)


def main(train_path, test_path, out):
    torch.manual_seed(SEED)
    images, labels = load(train_path)
    test = load(test_path)
    net = ResNet()
    steps = EPOCHS * (len(labels) // BATCH)
    optimizer = torch.optim.SGD(net.parameters(), lr=RATE, momentum=0.9, weight_decay=5e-4, nesterov=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps, pct_start=0.2)
    start = time.time()
    for epoch in range(STOP_AFTER):
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
        net.eval()
        torch.onnx.export(net, torch.zeros(1, 3, 32, 32), out, input_names=["input"], output_names=["logits"],
                          dynamic_axes={"input": {0: "batch"}, "logits": {0: "batch"}}, opset_version=13,
                          training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False)
        net.train()


if __name__ == "__main__":
    main(*sys.argv[1:])

/** A person's own network and images, good and bad. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { encode } from "fast-png";
import { zipSync } from "fflate";
import { drawShapes } from "../src/data/procedural";
import { onnxBytes } from "../tests/support/onnx/file";
import {
  accuracyOf,
  alerts,
  cli,
  fileInput,
  needsShared,
  networkNode,
  openLab,
  openSection,
  runButton,
  runToEnd,
  SHARED,
  setEffort,
  status,
} from "./support";

const RESNET20 = `${SHARED}models/resnet20-cifar10/resnet20.onnx`;
const CALIBRATION = `${SHARED}images/cifar10/calib_1024.npz`;
const TEST = `${SHARED}images/cifar10/test_1000.npz`;

test("ResNet-20 and CIFAR-10 through the file inputs: charts, and the command line's accuracy", async ({ page }, info) => {
  needsShared();
  await openLab(page);
  await fileInput(page, "model").setInputFiles(RESNET20);
  await expect(networkNode(page, "layer3.2")).toBeVisible();
  await fileInput(page, "calibration").setInputFiles(CALIBRATION);
  await fileInput(page, "evaluation").setInputFiles(TEST);
  await openSection(page, "Network and data");
  await page.getByLabel("Normalization").selectOption("imagenet");
  await page.getByRole("radiogroup", { name: "Weight bits" }).getByText("3", { exact: true }).click();
  await setEffort(page, 10, 0.5);
  await runToEnd(page);
  await page.getByRole("tab", { name: "Loss curves" }).click();
  await expect(page.locator("[data-curves='10']")).toBeVisible();
  expect(await accuracyOf(page, "fullPrecision")).toBe(91.5);

  const out = info.outputPath("report.json");
  const norm = ["--mean", "0.485,0.456,0.406", "--std", "0.229,0.224,0.225"];
  const run = await cli(
    "quantize",
    RESNET20,
    "--calibration",
    CALIBRATION,
    "--evaluate",
    TEST,
    ...norm,
    "--weights",
    "3",
    "--iterations",
    "10",
    "--learning-rate",
    "0.5",
    "--seed",
    "0",
    "--out",
    out,
  );
  expect(run.code).toBe(0);
  const report = JSON.parse(readFileSync(out, "utf8"));
  for (const name of ["fullPrecision", "nearest", "quantized"] as const) expect(await accuracyOf(page, name)).toBe(report.accuracy[name].top1);

  // The link asks for the same files, and refuses others.
  await page.getByRole("banner").getByRole("button", { name: "Share" }).click();
  const link = await page.getByTestId("link").inputValue();
  await page.goto("about:blank");
  await page.goto(link);
  const shared = page.getByRole("region", { name: "Shared result" });
  for (const name of ["resnet20.onnx", "calib_1024.npz", "test_1000.npz"])
    await expect(shared.getByRole("button", { name: `Choose ${name}` })).toBeVisible();
  await expect(shared).toContainText("91.5");
  await fileInput(page, "model").setInputFiles(`${SHARED}models/resnet20-cifar10/resnet20_folded.onnx`);
  await expect(alerts(page).first()).toContainText("is not the file that the recipe was made with");
  await fileInput(page, "model").setInputFiles(RESNET20);
  await fileInput(page, "calibration").setInputFiles(CALIBRATION);
  await fileInput(page, "evaluation").setInputFiles(TEST);
  await runToEnd(page);
  await expect(page.locator("[data-outcome]")).toHaveAttribute("data-outcome", "reproduced");
});

const picture = (size: number, channels = 3) =>
  encode({ width: size, height: size, channels, data: new Uint8Array(size * size * channels).fill(90) });

/** Forty images of one size, in folders by class. */
function zipOf(size: number, channels = 3, classes = ["0", "1"]): Buffer {
  const entries = Array.from({ length: 40 }, (_, i) => [`${classes[i % classes.length]}/${i}.png`, picture(size, channels)] as const);
  return Buffer.from(zipSync(Object.fromEntries(entries)));
}

test("a folder of pictures of many sizes, without labels or test images, is enough", async ({ page }, info) => {
  const folder = info.outputPath("photos");
  mkdirSync(folder, { recursive: true });
  for (let i = 0; i < 12; i++) writeFileSync(`${folder}/${i}.png`, picture(40 + i));
  await openLab(page);
  await openSection(page, "Network and data");
  await fileInput(page, "model").setInputFiles("public/demo/shapes-resnet14.onnx");
  await expect(page.getByText(/Choose calibration and test images for shapes-resnet14\.onnx/)).toBeVisible();
  await expect(runButton(page)).toBeDisabled();
  await fileInput(page, "calibration", "folder").setInputFiles(folder);
  await expect(page.getByText(/Choose test images for shapes-resnet14\.onnx/)).toBeVisible();
  await page.getByRole("button", { name: "I have none: judge on the calibration images" }).first().click();
  await page.getByRole("button", { name: "Resize and crop to 32x32" }).first().click();
  await expect(page.getByLabel("Resize", { exact: true })).toHaveValue("32");
  await expect(page.getByRole("figure", { name: "The first calibration images as the network will see them" })).toBeVisible();
  await runButton(page).click();
  await expect(alerts(page).first()).toContainText("photos holds 12 calibration images, fewer than a batch of 32");
  await setEffort(page, 4, 0.3);
  await page.getByLabel("Batch size", { exact: true }).fill("12");
  await runToEnd(page);
  expect(await accuracyOf(page, "fullPrecision")).toBe(100);
  await expect(page.getByRole("region", { name: "Before you believe it" })).toContainText("Results are judged on the calibration images");
});

test("bad files each get a clear message, and the page still works", async ({ page }, info) => {
  const give = (role: "model" | "calibration" | "evaluation", name: string, buffer: Buffer) =>
    fileInput(page, role).setInputFiles({ name, mimeType: "application/octet-stream", buffer });
  const refuses = (message: RegExp) => expect(alerts(page).first()).toContainText(message);
  await openLab(page);
  await expect(status(page)).toHaveAttribute("data-state", "ready");
  const demo = readFileSync("public/demo/shapes-resnet14.onnx");

  await give("model", "cut.onnx", demo.subarray(0, 300_000));
  await refuses(/cut\.onnx .*(breaks off|truncated)/);
  await give("model", "net.pth", Buffer.from([0x80, 2, 0x8a, 10]));
  await refuses(/net\.pth is a PyTorch checkpoint.*torch\.onnx\.export/);
  const empty = info.outputPath("empty");
  mkdirSync(empty, { recursive: true });
  await fileInput(page, "calibration", "folder").setInputFiles(empty);
  await refuses(/What was chosen for calibration images is empty/);

  await give("calibration", "one.zip", Buffer.from(zipSync({ "a.png": picture(32) })));
  await runButton(page).click();
  await refuses(/one\.zip holds 1 calibration images, fewer than a batch of 32/);

  // What is wrong with images is said when they are chosen, or when they are first needed; the demo's stay, or come back.
  const cases: [role: "calibration" | "evaluation", name: string, content: Buffer, message: RegExp][] = [
    ["calibration", "cut.tar.gz", Buffer.from([0x1f, 0x8b, 8, 0]), /cut\.tar\.gz is not a readable gzip file/],
    ["calibration", "empty.zip", Buffer.from(zipSync({ "notes.txt": new Uint8Array(1) })), /empty\.zip holds no images/],
    [
      "evaluation",
      "labels.zip",
      zipOf(32, 3, ["3", "12"]),
      /has label 12, but the network has 10 classes|Folder 12 of labels\.zip is no class number of this network, which has 10 classes/,
    ],
  ];
  for (const [role, name, content, message] of cases) {
    await give(role, name, content);
    await expect(page.getByText(message).first()).toBeVisible();
  }

  // A folder with a folder for each class, as a person has it on disk.
  const folder = info.outputPath("photos");
  for (let i = 0; i < 40; i++) {
    mkdirSync(`${folder}/${i % 3}`, { recursive: true });
    writeFileSync(`${folder}/${i % 3}/${i}.png`, picture(32));
  }
  await fileInput(page, "evaluation", "folder").setInputFiles(folder);
  await give("calibration", "forty.zip", zipOf(32));
  await setEffort(page, 2, 0.5);
  await runToEnd(page);
});

test("what the network will see is shown before a run; a preprocessing that fits better is taken by one click", async ({ page }) => {
  const { pixels, labels, count } = drawShapes("test", 96);
  const size = 32 * 32 * 3;
  const pictures = Array.from({ length: count }, (_, i) => {
    const data = (pixels as Uint8Array).slice(i * size, (i + 1) * size);
    return [`${labels?.[i]}/${i}.png`, encode({ width: 32, height: 32, channels: 3, data })] as const;
  });
  const images = { name: "shapes.zip", mimeType: "application/zip", buffer: Buffer.from(zipSync(Object.fromEntries(pictures))) };
  await openLab(page);
  await fileInput(page, "model").setInputFiles({
    name: "own.onnx",
    mimeType: "application/octet-stream",
    buffer: readFileSync("public/demo/shapes-resnet14.onnx"),
  });
  await fileInput(page, "calibration").setInputFiles(images);
  await openSection(page, "Network and data");
  const strip = page.getByRole("figure", { name: "The first calibration images as the network will see them" });
  await expect(strip.getByRole("img")).toHaveCount(6);
  await expect(strip).toContainText("Values by channel: 0 to 1; 0 to 1; 0.00392 to 1.");
  await page.getByLabel("Convention").last().selectOption("pixels");
  await expect(strip).toContainText("0 to 255; 0 to 255; 1 to 255");
  await expect(page.getByLabel("Resize", { exact: true })).toHaveValue("32x32");
  await page.getByLabel("Crop", { exact: true }).fill("40");
  await expect(page.getByText("The network cannot take the calibration images yet:")).toBeVisible();
  await page.getByLabel("Crop", { exact: true }).fill("");
  await expect(strip.getByRole("img")).toHaveCount(6);

  await fileInput(page, "evaluation").setInputFiles(images);
  await page.getByLabel("Method", { exact: true }).selectOption("nearest");
  await runToEnd(page);
  const before = await accuracyOf(page, "fullPrecision");
  await page.getByRole("button", { name: "Take this preprocessing" }).first().click();
  await expect(page.getByRole("button", { name: "Taken: run again" }).first()).toBeDisabled();
  await runToEnd(page);
  expect(await accuracyOf(page, "fullPrecision")).toBeGreaterThan(before + 40);
});

test("all unsupported operators are refused at once, with counts and the first node of each", async ({ page }) => {
  const node = (op: string, name: string, input: string, output: string) => ({ op, name, inputs: [input], output, attributes: {} });
  const bytes = onnxBytes({
    opset: 17,
    input: { name: "x", dims: ["N", 3, 8, 8] },
    output: { name: "y", dims: ["N", 3, 8, 8] },
    nodes: [node("GridSample", "warp", "x", "a"), node("Det", "d1", "a", "b"), node("Det", "d2", "b", "y")],
    initializers: new Map(),
  });
  await openLab(page);
  await fileInput(page, "model").setInputFiles({ name: "warped.onnx", mimeType: "", buffer: Buffer.from(bytes) });
  await expect(alerts(page).first()).toContainText(
    /warped\.onnx \(opset 17\) uses 2 operators that the lab does not support: GridSample \(1 node, first "warp"\), Det \(2 nodes, first "d1"\)/,
  );
});

test("the command line exits with 2 on bad input, in one sentence", async ({ page: _ }, info) => {
  const empty = info.outputPath("empty");
  mkdirSync(empty, { recursive: true });
  const text = info.outputPath("recipe.json");
  writeFileSync(text, "{");
  const cases: [args: string[], message: RegExp][] = [
    [["quantize", "none.onnx", "--calibration", empty], /none\.onnx does not exist/],
    [["quantize", "public/demo/shapes-resnet14.onnx"], /give --calibration DATA/],
    [["quantize", "public/demo/shapes-resnet14.onnx", "--calibration", empty], /empty is empty; expected PNG, JPEG or WebP images/],
    [["quantize", "--demo", "--weights", "1"], /weights\.bits is not valid/],
    [["quantize", "--demo", "--weights", "two"], /expected a number/],
    [["quantize", "--recipe", text], /recipe\.json is not JSON/],
    [["quantize", "--demo", "--preset", "best"], /--preset best is unknown; choose published/],
    [["train"], /unknown command/],
    [["inspect", "package.json"], /package\.json is a JSON file without a network/],
  ];
  for (const [args, message] of cases) {
    const { code, stderr } = await cli(...args);
    expect(code, args.join(" ")).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  }
});

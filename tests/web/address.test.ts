/** Addresses: what a person may type, what it means, and what is refused before any host is asked. */
import { describe, expect, test } from "vitest";
import { formatAddress, parseAddress, publicAddress } from "../../src/session/web/address";

const parse = (text: string, bare: "model" | "dataset" | null = null, origin: string | null = null) =>
  parseAddress(text, { hub: "https://huggingface.co", origin, bare });

const hub = (part: object) => ({ kind: "hub", repository: "model", revision: null, path: null, rows: null, ...part });

describe("what is typed", () => {
  test.each([
    ["hub:timm/resnet18.a1_in1k", hub({ id: "timm/resnet18.a1_in1k" })],
    ["hub:gpt2", hub({ id: "gpt2" })],
    ["hub:a/b@v1.0/onnx/model.onnx", hub({ id: "a/b", revision: "v1.0", path: "onnx/model.onnx" })],
    ["hub:a/b@refs%2Fpr%2F1", hub({ id: "a/b", revision: "refs/pr/1" })],
    ["hub-dataset:a/b/plain_text/train[:64]", hub({ repository: "dataset", id: "a/b", path: "plain_text/train", rows: [0, 64] })],
    ["hub-dataset:a/b@x[5:64]", hub({ repository: "dataset", id: "a/b", revision: "x", rows: [5, 64] })],
    ["https://example.com/a.onnx#part", { kind: "url", url: "https://example.com/a.onnx" }],
    ["http://localhost:8000/a.onnx", { kind: "url", url: "http://localhost:8000/a.onnx" }],
    ["https://huggingface.co/a/b", hub({ id: "a/b" })],
    ["https://huggingface.co/a/b/blob/main/onnx/model.onnx?download=true", hub({ id: "a/b", revision: "main", path: "onnx/model.onnx" })],
    [
      "https://huggingface.co/datasets/a/b/resolve/refs%2Fconvert%2Fparquet/c/train/0000.parquet",
      hub({ repository: "dataset", id: "a/b", revision: "refs/convert/parquet", path: "c/train/0000.parquet" }),
    ],
  ])("%s", (text, expected) => {
    const address = parse(text);
    expect(address).toEqual(expected);
    expect(parse(formatAddress(address))).toEqual(address);
  });

  test("an id without a prefix is taken where the field says what it names", () => {
    expect(parse("timm/resnet18", "model")).toEqual(hub({ id: "timm/resnet18" }));
    expect(parse("datasets/ylecun/mnist", "dataset")).toEqual(hub({ repository: "dataset", id: "ylecun/mnist" }));
    expect(() => parse("timm/resnet18")).toThrow(/no address on the web; expected a Hugging Face id/);
  });
});

describe("what is refused", () => {
  test.each([
    ["http://example.com/a.onnx", /fetched by https only/],
    ["ftp://example.com/a.onnx", /fetched by https only/],
    ["file:///etc/passwd", /fetched by https only/],
    ["https://user:word@example.com/a.onnx", /holds a user name or a password/],
    ["https://", /no valid URL/],
    ["hub:", /no id of the Hugging Face Hub; expected OWNER\/NAME/],
    ["hub:../b", /no id of the Hugging Face Hub/],
    ["hub:a/b/../../c", /not one below its own folder/],
    ["hub:a/b/x\\y", /not one below its own folder/],
    ["hub:a/b@%zz", /wrong percent sign/],
    ["hub:a/b[:3]", /rows of a model/],
    ["hub-dataset:a/b[9:3]", /expected for example \[:1024\]/],
    ["hub-dataset:a/b[:9999999]", /at most 100000 rows/],
  ])("%s", (text, message) => {
    expect(() => parse(text)).toThrow(message);
  });

  test("http is taken for the page's own origin alone", () => {
    expect(parse("http://lab.local/a.onnx", null, "http://lab.local")).toEqual({ kind: "url", url: "http://lab.local/a.onnx" });
    expect(() => parse("http://lab.local/a.onnx", null, "http://other.local")).toThrow(/https only/);
  });
});

test("a URL's query may hold a token and is kept by no recipe", () => {
  expect(publicAddress(parse("https://example.com/a.onnx?X-Amz-Signature=abc"))).toBeNull();
  expect(publicAddress(parse("hub:a/b@main/m.onnx"))).toBe("hub:a/b@main/m.onnx");
});

/** Labels of pictures: what folders' names mean, what a label file may say, and where labels are refused. */
import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type ReadOptions, readImages } from "../../src/data";
import { IMAGENET_SYNSETS } from "../../src/data/imagenet-synsets";
import { sharedBytes, sharedPath, sharedTest } from "../support/shared";
import { PLAIN, png } from "./support";

const BYTES = png(2, 2);

/** Reads pictures at these paths below "set", with files of text beside them. */
async function labelsOf(paths: readonly string[], options: ReadOptions = {}, texts: Record<string, string | object> = {}) {
  const pictures = paths.map((path) => ({ path: `set/${path}`, bytes: BYTES }));
  const others = Object.entries(texts).map(([path, text]) => ({
    path: `set/${path}`,
    bytes: new TextEncoder().encode(typeof text === "string" ? text : JSON.stringify(text)),
  }));
  const { set, notes } = await readImages([...pictures, ...others], PLAIN, "set", options);
  return { labels: set.labels && [...set.labels], names: set.classNames, notes };
}

const WNIDS = Array.from({ length: 32 }, (_, i) => `n${String(1440764 + i)}`);

describe("folders", () => {
  test("named by numbers are class numbers, whatever the number of classes", async () => {
    expect(await labelsOf(["7/a.png", "0003/b.png", "10/c.png"], { classes: 1000 })).toMatchObject({ labels: [3, 10, 7], names: null });
    await expect(labelsOf(["7/a.png", "10/c.png"], { classes: 10 })).rejects.toThrow(
      "Folder 10 of set is no class number of this network, which has 10 classes (0 to 9); rename it, or add a label file labels.json.",
    );
  });

  test("with names are classes in order of names, where there are as many as classes or that is unknown", async () => {
    const expected = { labels: [0, 1, 1], names: ["cat", "dog"] };
    expect(await labelsOf(["dog/1.png", "cat/1.png", "dog/2.png"], { classes: 2 })).toMatchObject(expected);
    expect(await labelsOf(["dog/1.png", "cat/1.png", "dog/2.png"])).toMatchObject(expected);
  });

  test("fewer than the network's classes are refused, not numbered from 0", async () => {
    await expect(
      labelsOf(
        WNIDS.map((name) => `${name}/a.png`),
        { classes: 1000 },
      ),
    ).rejects.toThrow(
      "set holds pictures in 32 folders (n1440764, n1440765, n1440766, …), but the network has 1000 classes, so that the folders' order does not tell their classes; add a label file labels.json or labels.txt, or name the folders by class number.",
    );
  });

  test("where labels are optional or not wanted, there are none instead", async () => {
    const paths = ["cat/1.png", "dog/1.png"];
    expect((await labelsOf(paths, { classes: 10, labels: "optional" })).labels).toBeNull();
    expect((await labelsOf(paths, { classes: 2, labels: "optional" })).labels).toEqual([0, 1]);
    expect(await labelsOf(paths, { classes: 2, labels: "none" })).toMatchObject({ labels: null, names: null });
    expect((await labelsOf(paths, { labels: "none" }, { "labels.json": "{" })).labels).toBeNull();
  });

  test("a single one says nothing", async () => {
    expect(await labelsOf(["a.png"], { classes: 10 })).toMatchObject({ labels: null, names: null });
    expect(await labelsOf(["cat/a.png", "cat/b.png"], { classes: 10 })).toMatchObject({ labels: null, names: null });
  });

  test("count all, though only some pictures are read", async () => {
    expect(await labelsOf(["b/1.png", "a/1.png", "c/1.png"], { classes: 3, count: 2 })).toMatchObject({ labels: [0, 1], names: ["a", "b", "c"] });
    await expect(labelsOf(["b/1.png", "a/1.png", "c/1.png"], { classes: 2, count: 2 })).rejects.toThrow("3 folders (a, b, c)");
  });
});

describe("ImageNet", () => {
  test("synset folders are classes in their sorted order, however few there are", async () => {
    const { labels, names } = await labelsOf(["n15075141/a.JPEG", "n01440764/b.JPEG", "n01443537/c.JPEG"], { classes: 1000 });
    expect(labels).toEqual([0, 1, 999]);
    expect(names).toHaveLength(1000);
    expect((await labelsOf(["n01443537/a.JPEG"], { classes: 1000 })).labels).toEqual([1]);
    // Of another network, or with a synset that is none of them, the order is not known.
    await expect(labelsOf(["n01440764/a.png", "n01443537/a.png"], { classes: 10 })).rejects.toThrow("2 folders (n01440764, n01443537), but");
    await expect(labelsOf(["n01440764/a.png", "n99999999/a.png"], { classes: 1000 })).rejects.toThrow("2 folders");
  });

  sharedTest("the synsets are those of the sample's list", () => {
    const { classes } = JSON.parse(new TextDecoder().decode(sharedBytes("images/imagenet-sample-224/labels.json")));
    expect(IMAGENET_SYNSETS).toEqual(classes.map(({ wnid }: { wnid: string }) => wnid));
  });

  test.each(["val.txt", "val_map.txt"])("a flat folder takes its classes from %s", async (name) => {
    const paths = ["ILSVRC2012_val_00000001.JPEG", "ILSVRC2012_val_00000002.JPEG"];
    const text = `${paths[0]} 65\n${paths[1]}\t970\n`;
    expect((await labelsOf(paths, { classes: 1000 }, { [name]: text })).labels).toEqual([65, 970]);
    await expect(labelsOf(paths, { classes: 900 }, { [name]: text })).rejects.toThrow("the class 970; expected a class number from 0 to 899");
    await expect(labelsOf(paths, {}, { [name]: "a.JPEG\n" })).rejects.toThrow(
      'has the line "a.JPEG"; expected a picture\'s name and its class number',
    );
  });

  test("the development kit's ground truth, in another order, gives no labels and says why", async () => {
    const texts = { "ILSVRC2012_validation_ground_truth.txt": "490\n361\n" };
    const { labels, notes } = await labelsOf(["a.JPEG", "b.JPEG"], { classes: 1000 }, texts);
    expect(labels).toBeNull();
    expect(notes[0]).toMatch(/in another order than the outputs of networks, .*: no labels are taken from it/);
    expect(await labelsOf(["n01443537/a.JPEG"], { classes: 1000 }, texts)).toMatchObject({ labels: [1], notes: [] });
  });
});

describe("COCO", () => {
  test("annotations give no labels, and folders are none either", async () => {
    const texts = { "annotations/instances_val2017.json": "[", "annotations/captions_val2017.json": "[" };
    const { labels, notes } = await labelsOf(["train2017/1.jpg", "val2017/2.jpg"], { classes: 2 }, texts);
    expect(labels).toBeNull();
    expect(notes[0]).toMatch(/^set holds COCO annotations \(captions_val2017.json\), which name the objects in a picture/);
    expect(await labelsOf(["val2017/2.jpg"], { classes: 2, labels: "none" }, texts)).toMatchObject({ labels: null, notes: [] });
  });

  sharedTest("a folder of COCO images calibrates without labels", async () => {
    const names = readdirSync(sharedPath("images/coco-val128/images")).slice(0, 3);
    const files = names.map((name) => ({ path: `coco/images/${name}`, bytes: sharedBytes(`images/coco-val128/images/${name}`) }));
    const { set } = await readImages(files, { ...PLAIN, resize: [96, 96] }, "coco", { classes: 80, labels: "none" });
    expect([set.count, set.height, set.labels]).toEqual([3, 96, null]);
  });
});

describe("labels.txt", () => {
  const list = "n01440764 tench, Tinca tinca\r\nn01443537 goldfish\n\nn01484850\n";
  test("lists folders in order of classes, with names", async () => {
    expect(await labelsOf(["n01484850/a.png", "n01440764/a.png"], { classes: 3 }, { "labels.txt": list })).toMatchObject({
      labels: [0, 2],
      names: ["tench, Tinca tinca", "goldfish", "n01484850"],
    });
  });

  test("a folder's name may hold spaces", async () => {
    const texts = { "labels.txt": "golden retriever\ngolden eagle\n" };
    expect(await labelsOf(["golden eagle/a.png"], {}, texts)).toMatchObject({ labels: [1], names: ["retriever", "golden eagle"] });
  });

  test("must list every class and every folder, once", async () => {
    const texts = { "labels.txt": list };
    await expect(labelsOf(["n01440764/a.png"], { classes: 1000 }, texts)).rejects.toThrow(
      "set/labels.txt lists 3 classes, but the network has 1000; list every class, in the order of the network's outputs.",
    );
    await expect(labelsOf(["n9/a.png"], { classes: 3 }, texts)).rejects.toThrow(
      "set/labels.txt does not list the folder n9, in which a.png lies; add it at its class's place.",
    );
    await expect(labelsOf(["n9/a.png"], {}, { "labels.txt": "n9 tench\nn9 cock" })).rejects.toThrow("lists the folder n9 more than once");
  });
});

describe("labels.json", () => {
  const paths = ["cat/1.png", "cat/2.png", "dog/3.png"];
  test("names folders, files or paths; a picture's own entry goes before its folder's", async () => {
    expect((await labelsOf(paths, { classes: 1000 }, { "labels.json": { cat: 281, dog: 200 } })).labels).toEqual([281, 281, 200]);
    expect((await labelsOf(paths, {}, { "labels.json": { "1.png": 5, "cat/2.png": 6, "set/dog/3.png": 7 } })).labels).toEqual([5, 6, 7]);
    expect((await labelsOf(paths, {}, { "labels.json": { cat: 1, "2.png": 9, dog: 3 } })).labels).toEqual([1, 9, 3]);
    expect((await labelsOf(["a.png", "b.png"], {}, { "labels.json": { "a.png": 4, "b.png": 2 } })).labels).toEqual([4, 2]);
  });

  test("may give names to classes, and classes alone list the folders", async () => {
    const wrapped = { labels: { cat: 1, dog: 0 }, classes: ["Hund", "Katze"] };
    expect(await labelsOf(paths, { classes: 2 }, { "labels.json": wrapped })).toMatchObject({ labels: [1, 1, 0], names: ["Hund", "Katze"] });
    expect((await labelsOf(paths, {}, { "labels.json": { labels: { cat: 1, dog: 0 } } })).labels).toEqual([1, 1, 0]);
    const alone = { classes: ["dog", "bird", "cat"] };
    expect(await labelsOf(paths, { classes: 3 }, { "labels.json": alone })).toMatchObject({ labels: [2, 2, 0], names: ["dog", "bird", "cat"] });
    // Folders may bear the very names of the two fields.
    expect((await labelsOf(["labels/a.png", "classes/a.png"], {}, { "labels.json": { labels: 1, classes: 0 } })).labels).toEqual([0, 1]);
  });

  test.each<[string, string | object, RegExp]>([
    ["a picture that is missing", { cat: 1 }, /labels\.json gives no class to set\/dog\/3\.png; add an entry for it or for its folder dog\./],
    ["a class out of range", { cat: 1, dog: 10 }, /labels\.json gives dog the class 10; expected a class number from 0 to 9\./],
    ["a class that is no number", { cat: 1, dog: "2" }, /labels\.json gives dog the class "2"; expected a class number/],
    ["malformed JSON", "{", /set\/labels\.json is no valid JSON/],
    ["a list", "[1, 2]", /set\/labels\.json holds no object/],
    ["labels that are no object", { labels: [1, 2], classes: Array(10).fill("x") }, /"labels" of set\/labels\.json is no object/],
    ["names that are no texts", { labels: { cat: 1, dog: 2 }, classes: [{ index: 0 }] }, /"classes" of set\/labels\.json is no list of texts/],
    ["names for other classes", { labels: { cat: 1, dog: 2 }, classes: ["a"] }, /labels\.json lists 1 class, but the network has 10/],
  ])("%s is told", async (_, content, message) => {
    await expect(labelsOf(paths, { classes: 10 }, { "labels.json": content })).rejects.toThrow(message);
  });

  test("a bare name that several pictures bear is refused", async () => {
    await expect(labelsOf(["cat/1.png", "dog/1.png"], {}, { "labels.json": { "1.png": 3 } })).rejects.toThrow(
      "set/labels.json gives a class to 1.png, but 2 pictures bear that name; write their paths.",
    );
  });
});

describe("where a label file lies", () => {
  test("in any folder that holds all pictures; there is one", async () => {
    const paths = ["val/cat/1.png", "val/dog/1.png"];
    const json = { cat: 4, dog: 2 };
    expect((await labelsOf(paths, { classes: 9 }, { "val/labels.json": json })).labels).toEqual([4, 2]);
    await expect(labelsOf(paths, {}, { "val/labels.json": json, "labels.txt": "cat\ndog" })).rejects.toThrow(
      "set holds more than one label file (set/labels.txt, set/val/labels.json); keep one of them.",
    );
    expect((await labelsOf(paths, { classes: 2 }, { "val/cat/labels.json": json })).labels).toEqual([0, 1]);
  });
});

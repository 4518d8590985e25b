/** Writes the demo's training images where train.py reads them: pixels then labels, raw bytes. */
import { writeFileSync } from "node:fs";
import { drawShapes, type ShapeSplit } from "../src/data/procedural";

const [split, count, path] = process.argv.slice(2);
const set = drawShapes(split as ShapeSplit, Number(count));
writeFileSync(`${path}.images`, set.pixels);
writeFileSync(`${path}.labels`, Uint8Array.from(set.labels ?? []));

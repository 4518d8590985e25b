/**
 * Measures the sensitivity table (BRECQ, section 3.4): for each layer and width the error of its block's output with
 * only that layer quantized, weighed by the Fisher information there; for each pair of layers of a block the same at the
 * lowest width.
 *
 * The weights are the squared gradients of the log-likelihood of classes drawn from the network's own predictions, at
 * full precision (the true Fisher information; at the full-precision point the divergence that reconstruction weighs by
 * has no gradient). So a loss is about the divergence from the full-precision network, half of dz^T F dz, and blocks
 * add up. Layers are rounded to nearest for a quick look, or reconstructed at each width.
 */
import { exp } from "../base/normal";
import { Random } from "../base/random";
import type { Bank, Device } from "../engine/device";
import { ProgramBuilder } from "../engine/program";
import { LOSS_PARTS } from "../engine/steps";
import { type Graph, type Layer, sizeOf } from "../graph/types";
import { layersOf, shapeOf } from "../graph/walk";
import { FISHER_BATCH, fisherWeights, logitsOf } from "../network/fisher";
import { forward } from "../network/forward";
import { lowerNodes } from "../network/lower";
import { partition, type Segment } from "../passes/partition";
import { END_BITS, type WeightOptions } from "../quantize/grids";
import { quantizeNearest } from "../quantize/quantizer";
import { gridOf } from "../quantize/scale";
import { Streams } from "../quantize/streams";
import { reconstruct } from "../quantize/training/reconstruct";
import type { ScheduleOptions } from "../quantize/training/schedule";
import type { LayerSensitivity, Pair, SensitivityTable } from "./table";

export interface MeasureOptions {
  readonly device: Device;
  readonly graph: Graph;
  readonly images: Bank;
  /** Ascending. */
  readonly bits: readonly number[];
  /** Grids; their bits are the table's. */
  readonly weights: Omit<WeightOptions, "bits">;
  /** Null rounds to nearest. */
  readonly training: (ScheduleOptions & { readonly batch: number }) | null;
  readonly seed: number;
  /** What was measured before, by `keyOf`; entries are reused and new ones added. */
  readonly known: Map<string, number>;
  onEntry?(table: SensitivityTable, done: number, total: number): void | Promise<void>;
}

/** Images that errors are measured on, from the first; whole batches of the Fisher gradients. */
const IMAGES = 256;
/** Confidence of a drawn class, as a logit. */
const CERTAIN = 30;

export async function measureSensitivity(options: MeasureOptions): Promise<SensitivityTable> {
  const { device, graph, bits, known } = options;
  const layers = layersOf(graph);
  const ends = options.weights.ends !== false;
  const fixedOf = (layer: Layer) => (ends && (layer === layers[0] || layer === layers.at(-1)) ? END_BITS : null);
  const segments = partition(graph, "block");
  const blocks = segments.filter((segment) => segment.layers.length > 0);
  const entries = blocks.flatMap((block) => entriesOf(block, bits, fixedOf));
  const table = (): SensitivityTable => tableOf(bits, blocks, fixedOf, known);
  const images = await firstOf(device, options.images);
  const reference = await drawnClasses(options, images);
  const streams = new Streams(graph, segments, images);
  let done = 0;
  try {
    for (const [index, segment] of segments.entries()) {
      const full = await forward({
        device,
        graph,
        nodes: segment.nodes,
        inputs: streams.pick("full", segment.inputs),
        outputs: segment.outputs,
        kernels: new Map(),
      });
      for (const [value, bank] of full) streams.full.set(value, bank);
      const own = entries.filter(({ block }) => block === segment);
      const missing = own.filter(({ key }) => !known.has(key));
      if (missing.length > 0) {
        const tail = segments.slice(index + 1).flatMap(({ nodes }) => nodes);
        const read = new Set([segment.output, ...segments.slice(index + 1).flatMap(({ inputs }) => inputs)]);
        const inputs = new Map([...streams.full].filter(([value]) => read.has(value)));
        const weights = await fisherWeights({ device, graph, tail, inputs, output: segment.output, reference, kernels: new Map(), weight: "square" });
        const meter = await blockMeter(options, segment, streams, weights.bank);
        try {
          for (const entry of missing) {
            const kernels = await quantizedLayers(options, segment, entry, streams, weights);
            known.set(entry.key, await meter.error(kernels));
            done++;
            await options.onEntry?.(table(), done + own.length - missing.length, entries.length);
          }
        } finally {
          meter.dispose();
          weights.bank.dispose();
        }
      }
      done += own.length - missing.length;
      streams.release("full", index);
    }
  } finally {
    streams.dispose();
    images.dispose();
    reference.dispose();
  }
  return table();
}

interface Entry {
  readonly key: string;
  readonly block: Segment;
  readonly widths: ReadonlyMap<Layer, number>;
}

function keyOf(widths: ReadonlyMap<Layer, number>): string {
  return [...widths].map(([{ name }, bits]) => `${name}@${bits}`).join("+");
}

/** What is measured in a block: each layer at each width, each pair at the lowest. */
function entriesOf(block: Segment, bits: readonly number[], fixedOf: (layer: Layer) => number | null): Entry[] {
  const free = block.layers.filter((layer) => fixedOf(layer) === null);
  const fixed = block.layers.filter((layer) => fixedOf(layer) !== null);
  const entry = (widths: ReadonlyMap<Layer, number>): Entry => ({ key: keyOf(widths), block, widths });
  const lowest = bits[0] as number;
  return [
    ...fixed.map((layer) => entry(new Map([[layer, fixedOf(layer) as number]]))),
    ...free.flatMap((layer) => bits.map((width) => entry(new Map([[layer, width]])))),
    ...pairsOf(free).map(([a, b]) =>
      entry(
        new Map([
          [a, lowest],
          [b, lowest],
        ]),
      ),
    ),
  ];
}

function pairsOf<T>(list: readonly T[]): [T, T][] {
  return list.flatMap((a, i) => list.slice(i + 1).map((b): [T, T] => [a, b]));
}

/** The table as far as it is measured: what is missing counts as 0. */
function tableOf(
  bits: readonly number[],
  blocks: readonly Segment[],
  fixedOf: (layer: Layer) => number | null,
  known: ReadonlyMap<string, number>,
): SensitivityTable {
  const at = (widths: ReadonlyMap<Layer, number>) => known.get(keyOf(widths)) ?? 0;
  const lowest = bits[0] as number;
  const layers: LayerSensitivity[] = [];
  const pairs: Pair[] = [];
  for (const block of blocks) {
    for (const layer of block.layers) {
      const fixed = fixedOf(layer);
      const losses = (fixed === null ? bits : [fixed]).map((width) => at(new Map([[layer, width]])));
      layers.push({ name: layer.name, block: block.name, losses, fixed });
    }
    for (const [a, b] of pairsOf(block.layers.filter((layer) => fixedOf(layer) === null))) {
      const joint = at(
        new Map([
          [a, lowest],
          [b, lowest],
        ]),
      );
      pairs.push({ a: a.name, b: b.name, joint });
    }
  }
  return { bits, layers, pairs };
}

async function firstOf(device: Device, images: Bank): Promise<Bank> {
  const most = Math.min(IMAGES, images.count);
  const count = most >= FISHER_BATCH ? most - (most % FISHER_BATCH) : most;
  const bank = device.createBank(count, images.elements);
  bank.write(0, await images.read(0, count));
  return bank;
}

/** Logits that are certain of a class drawn from the network's own prediction, image by image. */
async function drawnClasses({ device, graph, seed }: MeasureOptions, images: Bank): Promise<Bank> {
  const value = logitsOf(graph);
  const made = await forward({ device, graph, nodes: graph.nodes, inputs: new Map([[graph.input, images]]), outputs: [value], kernels: new Map() });
  const bank = made.get(value) as Bank;
  const logits = await bank.read(0, bank.count);
  const classes = bank.elements;
  const random = new Random(seed, "classes");
  for (let image = 0; image < bank.count; image++) {
    const row = logits.subarray(image * classes, (image + 1) * classes);
    const most = Math.max(...row);
    const shares = Array.from(row, (logit) => exp(logit - most));
    let left = random.uniform() * shares.reduce((sum, share) => sum + share, 0);
    let drawn = 0;
    while (drawn < classes - 1 && left >= (shares[drawn] as number)) left -= shares[drawn++] as number;
    row.fill(0);
    row[drawn] = CERTAIN;
  }
  bank.write(0, logits);
  return bank;
}

/** A compiled pass over a block that gives the weighed error of its output under replaced kernels. */
async function blockMeter({ device, graph }: MeasureOptions, block: Segment, streams: Streams, weights: Bank) {
  const b = new ProgramBuilder();
  const target = streams.full.get(block.output) as Bank;
  const batch = Math.min(FISHER_BATCH, target.count);
  const iterations = Math.floor(target.count / batch);
  const indices = b.host("indices", batch * iterations, "i32");
  const gather = (name: string, elements: number) => {
    const out = b.temp(name, batch * elements);
    b.step({ op: "gather", bank: b.bank(name, elements), indices, out, batch, elements });
    return out;
  };
  const inputs = new Map(block.inputs.map((value) => [value, gather(`in:${value}`, sizeOf(shapeOf(graph, value)))]));
  const [goal, weight] = [gather("target", target.elements), gather("weights", target.elements)];
  const lowered = lowerNodes({ builder: b, graph, nodes: block.nodes, batch, inputs, keep: [block.output], kernels: new Map() });
  b.steps.push(...lowered.steps);
  const size = batch * target.elements;
  const losses = b.host("losses", LOSS_PARTS);
  const ends = {
    prediction: lowered.buffers.get(block.output) as string,
    target: goal,
    weight,
    weightScale: b.host("scale", 1),
    grad: b.temp("grad", size),
  };
  b.step({ op: "squaredError", power: 2, ...ends, losses, lossesAt: 0, size, positions: batch, mask: null });
  b.step({ op: "record", losses, ranges: [{ at: 0, count: LOSS_PARTS }], ring: b.host("ring", iterations) });
  const banks = new Map<string, Bank>([
    ["target", target],
    ["weights", weights],
    ...block.inputs.map((value): [string, Bank] => [`in:${value}`, streams.full.get(value) as Bank]),
  ]);
  const executable = await device.compile(b.build(), banks);
  for (const [name, values] of lowered.parameters) executable.write(name, values);
  executable.write(
    "indices",
    Int32Array.from({ length: batch * iterations }, (_, i) => i),
  );
  // Gradients were of a batch's mean: times the batch they are an image's own. Half, as in the Taylor expansion.
  executable.write("scale", Float32Array.of((batch * batch) / 2));
  return {
    async error(kernels: ReadonlyMap<string, Float32Array>): Promise<number> {
      for (const [name, kernel] of kernels) executable.write(`${name}.kernel`, kernel);
      await executable.run({ from: 0, to: iterations });
      const ring = await executable.read("ring");
      for (const name of kernels.keys()) executable.write(`${name}.kernel`, lowered.parameters.get(`${name}.kernel`) as Float32Array);
      return ring.reduce((sum, value) => sum + value, 0) / iterations;
    },
    dispose: () => executable.dispose(),
  };
}

/** The kernels of an entry's layers: nearest, or reconstructed together with all else at full precision. */
async function quantizedLayers(
  { device, graph, weights: grids, training, seed }: MeasureOptions,
  block: Segment,
  { widths }: Entry,
  streams: Streams,
  weights: { readonly bank: Bank; readonly scale: number },
): Promise<ReadonlyMap<string, Float32Array>> {
  const layers = new Map(
    [...widths].map(([layer, bits]) => {
      const { kernel } = layer.operation;
      return [layer, gridOf(kernel.data, kernel.shape.at(-1) as number, bits, grids.scale, grids)];
    }),
  );
  if (!training) return new Map([...layers].map(([layer, grid]) => [layer.name, quantizeNearest(layer.operation.kernel.data, grid)]));
  const { batch, ...schedule } = training;
  const { kernels } = await reconstruct({
    ...{ device, graph, unit: block, layers, kernels: new Map(), seed, schedule, weights },
    batch: Math.min(batch, weights.bank.count),
    inputs: streams.pick("full", block.inputs),
    target: streams.full.get(block.output) as Bank,
    error: "squared",
  });
  return kernels;
}

/** TensorFlow.js as its graph models are proved with it, on the back end that whoever asks for a proof has chosen. */
import { shapeOf } from "../../graph/queries";
import type { Graph } from "../../graph/types";
import { emptyNetwork } from "../../quantize/methods/method";
import type { ExportedFile } from "../artifact";
import { nameOf } from "../names";
import { writeTfjs } from "../tfjs/write";
import type { OpenNetwork, ProofRuntime } from "./prove";

type Tfjs = typeof import("@tensorflow/tfjs");

export function tfjsProof(tf: Tfjs): ProofRuntime {
  return {
    name: `TensorFlow.js (${tf.getBackend()})`,
    float: (graph) => writeTfjs(emptyNetwork(graph)),
    open: (files, graph) => open(tf, files, graph),
  };
}

async function open(tf: Tfjs, [main, ...shards]: readonly ExportedFile[], graph: Graph): Promise<OpenNetwork> {
  const { modelTopology, signature, weightsManifest } = JSON.parse(new TextDecoder().decode(main?.bytes));
  const weightSpecs = weightsManifest.flatMap(({ weights }: { weights: object[] }) => weights);
  const paths: string[] = weightsManifest.flatMap((group: { paths: string[] }) => group.paths);
  const weightData = joined(paths.map((path) => shardOf(path, shards)));
  const model = await tf.loadGraphModel(tf.io.fromMemory({ modelTopology, signature, weightSpecs, weightData }));
  const output: string | undefined = signature.outputs[nameOf(graph, graph.output)]?.name;
  if (!output) throw new Error(`The file has no output "${nameOf(graph, graph.output)}", but ${Object.keys(signature.outputs).join(", ")}`);
  return {
    async run(images, count) {
      const input = tf.tensor(images, [count, ...shapeOf(graph, graph.input)]);
      const made = model.execute(input, output);
      const [tensor] = Array.isArray(made) ? made : [made];
      try {
        return (await tensor?.data()) as Float32Array;
      } finally {
        tf.dispose([input, made]);
      }
    },
    async close() {
      model.dispose();
    },
  };
}

function shardOf(path: string, shards: readonly ExportedFile[]): Uint8Array {
  const shard = shards.find(({ name }) => name === path);
  if (!shard) throw new Error(`The export has no file "${path}", which its model.json names`);
  return shard.bytes;
}

function joined(parts: readonly Uint8Array[]): ArrayBuffer {
  const data = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    data.set(part, at);
    at += part.length;
  }
  return data.buffer;
}

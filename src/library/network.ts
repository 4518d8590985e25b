/** Networks: read from files, or built in. */
import { shapeOf } from "../graph/queries";
import type { UnitKind } from "../passes/unit-kinds";
import { InputCache } from "../session/inputs/cache";
import { modelFiles } from "../session/inputs/hash";
import { readNetwork as readFiles } from "../session/inputs/network";
import type { GivenFiles } from "../session/inputs/sources";
import { viewNetwork } from "../session/network/build";
import type { NetworkView } from "../session/network/view";
import type { BuiltinModel, ModelRecipe } from "../session/recipe/recipe";
import { seenOutputs } from "../session/run/predict";
import { type Files, Handles, inMemory } from "./given";
import { never, platform } from "./platform";

/** A network that was read. */
export interface Network {
  readonly name: string;
  /** [height, width, channels] of its images. */
  readonly input: readonly number[];
  /** In the file's order and layout, shapes without the batch: [classes], or [channels, height, width] of maps of an ONNX file. */
  readonly outputs: readonly { readonly name: string; readonly shape: readonly number[] }[];
  /** Its units and layers, with kernels, shapes, parameters and multiply-accumulates. @param unit what units are: "block" by default */
  view(unit?: UnitKind): NetworkView;
}

export interface ReadNetworkOptions {
  /** [height, width] of images, for a network whose file leaves them open. */
  readonly inputSize?: readonly [number, number];
  /** Stops what is fetched. */
  readonly signal?: AbortSignal;
}

export interface NetworkParts {
  readonly recipe: ModelRecipe;
  readonly given: GivenFiles | null;
  /** Of the files once they are read: calls with the same network and images read nothing again. */
  readonly inputs: InputCache;
}

export const NETWORKS: Handles<Network, NetworkParts> = new Handles("readNetwork or builtinNetwork");

/**
 * Reads a network: an ONNX file (opsets 6 to 25, with its external data), full precision or quantized, or a TensorFlow.js model
 * (its model.json with its weight files, a folder or a zip), for which the package `@tensorflow/tfjs` must be installed.
 *
 * @param files a path or address, files in memory, or the bytes of an ONNX file
 * @throws {@link BadInput} where the lab cannot use it: the message says why and what to do
 */
export async function readNetwork(files: Files | Uint8Array, options: ReadNetworkOptions = {}): Promise<Network> {
  const given =
    typeof files === "string"
      ? await platform().readModel(files, options.signal ?? never())
      : inMemory(files instanceof Uint8Array ? { path: "network.onnx", bytes: files } : files);
  return networkOf(given, { kind: "file", name: given.name, sha256: null }, options);
}

/** A network that comes with the lab, trained on the procedural images of {@link builtinImages}. */
export async function builtinNetwork(name: BuiltinModel = "shapes-resnet14"): Promise<Network> {
  const bytes = await platform().builtinModel(name);
  return networkOf(inMemory({ path: `${name}.onnx`, bytes }), { kind: "builtin", name }, {});
}

async function networkOf(given: GivenFiles, recipe: ModelRecipe, { inputSize }: ReadNetworkOptions): Promise<Network> {
  const { graph } = await readFiles(modelFiles(await given.read()), inputSize ? { inputSize } : {});
  const shown: Network = {
    ...{ name: given.name, input: [...shapeOf(graph, graph.input)], outputs: seenOutputs(graph) },
    view: (unit = "block") => viewNetwork(graph, unit),
  };
  return NETWORKS.make(shown, { recipe, given: recipe.kind === "file" ? given : null, inputs: new InputCache() });
}

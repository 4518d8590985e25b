/** Which quantized values a layer reads: what a report of widths needs to know. */
import type { Graph } from "../graph/types";
import { quantizationPoints } from "../passes/quantization-points";
import type { PointName } from "./activation-bits";

/** The values that each layer reads, by its name. */
export function readsByLayer(graph: Graph): Map<string, PointName[]> {
  const found = new Map<string, PointName[]>();
  for (const { name, role, readers } of quantizationPoints(graph)) {
    const point: PointName = { name, role, readers: readers.map((reader) => reader.name) };
    for (const reader of point.readers) found.set(reader, [...(found.get(reader) ?? []), point]);
  }
  return found;
}

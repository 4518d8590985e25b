/** What values and nodes are called in exported files. */
import type { Graph, ValueId } from "../graph/types";

/** What a value is called in a file: as in the one that the network was read from, else as its node. */
export function nameOf(graph: Graph, value: ValueId): string {
  return graph.names?.get(value) ?? value.replace(/:0$/, "");
}

/** The name, or the first of name_2, name_3 and so on that is free; it is taken then. */
export function take(name: string, names: Set<string>): string {
  let unique = name;
  for (let i = 2; names.has(unique); i++) unique = `${name}_${i}`;
  names.add(unique);
  return unique;
}

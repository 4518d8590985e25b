/** Operators or layers that the lab does not know, gathered over the whole file, so that a person learns of all at once. */
import { BadInput } from "../../base/errors";

export class Refused {
  private readonly byKind = new Map<string, string[]>();

  /** @param kind an operator's or a layer's; @param name of the node */
  add(kind: string, name: string): void {
    const names = this.byKind.get(kind);
    if (names) names.push(name);
    else this.byKind.set(kind, [name]);
  }

  /** @param what "operator" or "layer"; @param known those that are read */
  throwIfAny(fileName: string, what: string, known: readonly string[]): void {
    if (this.byKind.size === 0) return;
    const list = [...this.byKind].map(([kind, names]) => `${kind} (${names.length} ${names.length === 1 ? "node" : "nodes"}, first "${names[0]}")`);
    const uses = list.length === 1 ? `${/^[aeio]/.test(what) ? "an" : "a"} ${what}` : `${list.length} ${what}s`;
    throw new BadInput(`${fileName} uses ${uses} that the lab does not support: ${list.join(", ")}. It reads ${known.join(", ")}.`);
  }
}

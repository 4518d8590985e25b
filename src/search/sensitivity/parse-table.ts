/** Sensitivity tables as people hand them in: JSON, checked before anything is believed. */
import { BadInput } from "../../base/errors";
import { z } from "../../base/zod";
import type { Sensitivity, SensitivityTable } from "./table";

const finite = z.number().refine(Number.isFinite);
const widths = z
  .array(z.int().min(2).max(8))
  .refine((list) => list.every((width, i) => i === 0 || width > (list[i - 1] as number)), "expected ascending widths");
const sensitivity = { name: z.string(), block: z.string(), losses: z.array(finite), fixed: z.int().nullable() };

const schema = z.strictObject({
  bits: widths.min(1),
  layers: z.array(z.strictObject({ ...sensitivity, hawq: z.array(finite).optional() })).min(1),
  pairs: z.array(z.strictObject({ a: z.string(), b: z.string(), joint: finite })),
  groups: z.array(z.strictObject({ layers: z.array(z.string()).min(3), joint: finite })).optional(),
  activationBits: widths.default([]),
  activations: z.array(z.strictObject({ ...sensitivity, readers: z.array(z.string()) })).default([]),
});

/** A table from JSON, or BadInput that names what is wrong. */
export function parseTable(value: unknown, source: string): SensitivityTable {
  const result = schema.safeParse(value);
  if (!result.success) {
    const issue = result.error.issues[0];
    throw new BadInput(`${source}: ${issue?.path.join(".") || "the table"} is not valid: ${issue?.message}.`);
  }
  const { layers, activations, pairs, groups, bits, activationBits } = result.data;
  const count = (what: string, list: readonly Sensitivity[], of: readonly number[]) => {
    for (const { name, losses, fixed } of list)
      if (losses.length !== (fixed === null ? of.length : 1))
        throw new BadInput(
          `${source}: ${what} "${name}" has ${losses.length} losses; expected ${fixed === null ? `one for each of ${of.length} widths` : "one, since its width is fixed"}.`,
        );
  };
  count("layer", layers, bits);
  count("activation", activations, activationBits);
  const names = new Set(layers.map(({ name }) => name));
  const unknown = [...pairs.flatMap(({ a, b }) => [a, b]), ...(groups ?? []).flatMap((group) => group.layers)].find((name) => !names.has(name));
  if (unknown !== undefined) throw new BadInput(`${source}: a pair or group names a layer "${unknown}", which the table does not have.`);
  const { groups: _groups, ...table } = result.data;
  return {
    ...table,
    ...(groups ? { groups } : {}),
    layers: layers.map(({ hawq, ...layer }) => (hawq ? { ...layer, hawq } : layer)),
  };
}

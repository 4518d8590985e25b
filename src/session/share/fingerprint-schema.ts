/** The fingerprint as it is read from links and files, which are a stranger's data. */
import { z } from "../../base/zod";
import type { Fingerprint } from "./fingerprint";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const fingerprintSchema: z.ZodType<Fingerprint> = z.strictObject({
  top1: z.number().nullable(),
  agreement: z.number(),
  losses: z.array(z.number()).max(10000),
  rounding: sha256,
  result: sha256.optional(),
});

/** The method table: adding a method is a file here and a line below. */
import { adaquant } from "./adaquant";
import { adaround } from "./adaround";
import { bitsplit } from "./bitsplit";
import { brecq } from "./brecq";
import { dfq } from "./dfq";
import type { Method } from "./method";
import { nearest } from "./nearest";
import { qdrop } from "./qdrop";

export const METHOD_NAMES = ["nearest", "dfq", "adaround", "adaquant", "bitsplit", "brecq", "qdrop"] as const;
export type MethodName = (typeof METHOD_NAMES)[number];

export const METHODS: Readonly<Record<MethodName, Method>> = { nearest, dfq, adaround, adaquant, bitsplit, brecq, qdrop };

/** The implementations by name: adding a method is a file here, a line below and an entry in the catalog. */
import { adaquant } from "./adaquant";
import { adaround } from "./adaround";
import { bitsplit } from "./bitsplit";
import { brecq } from "./brecq";
import type { MethodName } from "./catalog";
import { dfq } from "./dfq";
import type { Method } from "./method";
import { nearest } from "./nearest";
import { qdrop } from "./qdrop";

export const METHODS: Readonly<Record<MethodName, Method>> = { nearest, dfq, adaround, adaquant, bitsplit, brecq, qdrop };

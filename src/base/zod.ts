/**
 * zod as the lab uses it. Left to itself it tries whether functions can be made from text, which a content security policy reports as a
 * violation; what it would win by them is nothing beside a run.
 */
import { z } from "zod";

z.config({ jitless: true });

export { z };

/** TensorFlow.js itself, loaded when the first of its models comes. */
import { BadInput } from "../../base/errors";

export type Tfjs = typeof import("@tensorflow/tfjs");

/** With a back end that can hold decoded weights. @throws BadInput where the package is not installed */
export async function loadTfjs(): Promise<Tfjs> {
  let tf: Tfjs;
  try {
    tf = await import("@tensorflow/tfjs");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new BadInput("Reading a TensorFlow.js model needs the package @tensorflow/tfjs (npm install @tensorflow/tfjs).");
  }
  // Only weights are decoded and constants computed here: the CPU does, and whoever chose another back end keeps it.
  if (!tf.getBackend()) {
    tf.enableProdMode();
    await tf.setBackend("cpu");
  }
  return tf;
}

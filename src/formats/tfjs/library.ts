/** TensorFlow.js itself, loaded when the first of its models comes. */
import { missingPackage } from "../../base/packages";

export type Tfjs = typeof import("@tensorflow/tfjs");

/** With a back end that can hold decoded weights. @throws BadInput where the package is not installed */
export async function loadTfjs(): Promise<Tfjs> {
  const tf = await import("@tensorflow/tfjs").catch((error) => {
    throw missingPackage(error, "@tensorflow/tfjs", "Reading a TensorFlow.js model");
  });
  // Only weights are decoded and constants computed here: the CPU does, and whoever chose another back end keeps it.
  if (!tf.getBackend()) {
    tf.enableProdMode();
    await tf.setBackend("cpu");
  }
  return tf;
}

/** Layers of Keras that TensorFlow.js does not bring: those that do nothing at inference, Normalization and Subtract. Registered, it reads them too. */
import type { Tensor } from "@tensorflow/tfjs";
import type { Tfjs } from "../library";

/** They act during training alone. */
export const TRAINING_ONLY: readonly string[] = [
  "SpatialDropout2D",
  "ActivityRegularization",
  "RandomFlip",
  "RandomRotation",
  "RandomZoom",
  "RandomTranslation",
  "RandomContrast",
  "RandomBrightness",
];

/** Keras's epsilon, below which no deviation counts. */
const EPSILON = 1e-7;

/** Registers the layers that nobody has registered yet. */
export function registerLayers(tf: Tfjs): void {
  const classes = tf.serialization.SerializationMap.getMap().classNameMap;
  const one = (inputs: Tensor | Tensor[]) => (Array.isArray(inputs) ? (inputs[0] as Tensor) : inputs);
  for (const className of TRAINING_ONLY)
    if (!(className in classes)) {
      class Inert extends tf.layers.Layer {
        static className: string = className;
        override call(inputs: Tensor | Tensor[]): Tensor {
          return one(inputs);
        }
      }
      tf.serialization.registerClass(Inert);
    }
  if (!("Subtract" in classes)) {
    class Subtract extends tf.layers.Layer {
      static className: string = "Subtract";
      override computeOutputShape(shapes: number[] | number[][]): number[] {
        return (Array.isArray(shapes[0]) ? shapes[0] : shapes) as number[];
      }
      override call(inputs: Tensor | Tensor[]): Tensor {
        const [a, b] = inputs as [Tensor, Tensor];
        return tf.sub(a, b);
      }
    }
    tf.serialization.registerClass(Subtract);
  }
  if (!("Normalization" in classes)) {
    class Normalization extends tf.layers.Layer {
      static className: string = "Normalization";
      private readonly config: { readonly axis?: unknown; readonly mean?: unknown; readonly variance?: unknown; readonly invert?: unknown };
      constructor(config: Record<string, unknown>) {
        super(config as ConstructorParameters<typeof tf.layers.Layer>[0] & object);
        this.config = config;
      }
      override build(shape: number[] | number[][]): void {
        const channels = (shape as number[]).at(-1) as number;
        const zeros = tf.initializers.zeros();
        if (this.config.mean == null) {
          this.addWeight("mean", [channels], "float32", zeros, undefined, false);
          this.addWeight("variance", [channels], "float32", zeros, undefined, false);
          this.addWeight("count", [], "int32", zeros, undefined, false);
        }
        this.built = true;
      }
      override call(inputs: Tensor | Tensor[]): Tensor {
        return tf.tidy(() => {
          const [mean, variance] =
            this.config.mean == null ? this.getWeights() : [this.config.mean, this.config.variance].map((v) => tf.tensor(v as number[]));
          return tf.div(tf.sub(one(inputs), mean as Tensor), tf.maximum(tf.sqrt(variance as Tensor), EPSILON));
        });
      }
      override getConfig(): ReturnType<InstanceType<typeof tf.layers.Layer>["getConfig"]> {
        const { axis, mean, variance, invert } = this.config;
        return { ...super.getConfig(), axis, mean, variance, invert } as ReturnType<InstanceType<typeof tf.layers.Layer>["getConfig"]>;
      }
    }
    tf.serialization.registerClass(Normalization);
  }
}

/** What Normalization divides by, from a variance. */
export function deviationOf(variance: number): number {
  return Math.max(Math.fround(Math.sqrt(variance)), EPSILON);
}

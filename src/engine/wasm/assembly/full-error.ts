/** The error of a unit's output weighed by its whole outer product: two passes over each image. */
import { sum4 } from "./math";
import { pointer, share, word } from "./memory";

const PARTS: i32 = 64;

/** Row: 0 prediction, 1 target, 2 weight, 3 grad, 4 losses, 5 images, 6 numbers of an image. */
export function fullError(row: usize, tid: i32, threads: i32): void {
  const images = word(row, 5);
  const elements = word(row, 6);
  const positions = <f64>images * <f64>elements * 100;
  for (let part = share(PARTS, tid, threads); part < share(PARTS, tid + 1, threads); part++) {
    let total: f64 = 0;
    for (let image = share(images, part, PARTS); image < share(images, part + 1, PARTS); image++) {
      const first = <usize>(image * elements) << 2;
      const d = weighedError(row, first, elements);
      total += d * d;
      spread(row, first, elements, <f32>((2 * d) / positions));
    }
    store<f32>(pointer(row, 4) + (<usize>part << 2), <f32>(total / positions));
  }
}

/** The sum of |prediction - target| * weight over an image. */
function weighedError(row: usize, first: usize, elements: i32): f64 {
  const prediction = pointer(row, 0) + first;
  const target = pointer(row, 1) + first;
  const weight = pointer(row, 2) + first;
  let total: f64 = 0;
  let i = 0;
  for (; i + 4 <= elements; i += 4) {
    const byte = <usize>i << 2;
    const error = f32x4.abs(f32x4.sub(v128.load(prediction + byte), v128.load(target + byte)));
    total += sum4(f32x4.mul(error, v128.load(weight + byte)));
  }
  for (; i < elements; i++) {
    const byte = <usize>i << 2;
    total += <f64>(Mathf.abs(load<f32>(prediction + byte) - load<f32>(target + byte)) * load<f32>(weight + byte));
  }
  return total;
}

/** grad = factor * weight with the error's sign, 0 where there is none. */
function spread(row: usize, first: usize, elements: i32, factor: f32): void {
  const prediction = pointer(row, 0) + first;
  const target = pointer(row, 1) + first;
  const weight = pointer(row, 2) + first;
  const grad = pointer(row, 3) + first;
  for (let i = 0; i < elements; i++) {
    const byte = <usize>i << 2;
    const error = load<f32>(prediction + byte) - load<f32>(target + byte);
    const g = factor * load<f32>(weight + byte);
    store<f32>(grad + byte, error > 0 ? g : error < 0 ? -g : 0);
  }
}

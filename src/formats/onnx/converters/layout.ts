/** Weights from the file's order to ours. A large kernel is turned in squares, which the processor's caches hold. */

const SQUARE = 32;

/**
 * @param rows [rows, columns]
 * @returns [columns, rows], each number times `factor`
 */
export function turned(values: ArrayLike<number>, rows: number, columns: number, factor = 1): Float32Array {
  const result = new Float32Array(values.length);
  for (let top = 0; top < rows; top += SQUARE)
    for (let left = 0; left < columns; left += SQUARE) {
      const [bottom, right] = [Math.min(rows, top + SQUARE), Math.min(columns, left + SQUARE)];
      for (let column = left; column < right; column++)
        for (let row = top; row < bottom; row++) result[column * rows + row] = factor * (values[row * columns + column] as number);
    }
  return result;
}

/**
 * @param kernel OIHW
 * @returns HWIO
 */
export function hwio(kernel: ArrayLike<number>, outputs: number, inputs: number, taps: number): Float32Array {
  // [o, i * t] turned is [i * t, o]; what is left is to bring each input's taps to the front.
  const turnedRows = turned(kernel, outputs, inputs * taps);
  if (taps === 1) return turnedRows;
  const result = new Float32Array(turnedRows.length);
  for (let input = 0; input < inputs; input++)
    for (let tap = 0; tap < taps; tap++) {
      const from = (input * taps + tap) * outputs;
      result.set(turnedRows.subarray(from, from + outputs), (tap * inputs + input) * outputs);
    }
  return result;
}

/** What searches the scales of weights, whatever device a run computes on. */
export interface ScaleSearch {
  /**
   * The quantization range of least error for each channel, of 80 from the full one downwards in steps of 1 %
   * (quantize/scale.ts says which error).
   * @param values [channels, count]
   * @param ranges least and greatest value to start from, [channels, 2]
   * @returns the index 0..79 of the range for each channel, [channels]; -1 where none has a finite error
   */
  search(values: Float32Array, ranges: Float32Array, bits: number, breathe: () => void | Promise<void>): Promise<Int32Array>;
  dispose(): void;
}

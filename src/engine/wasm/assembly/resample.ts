/** Entries of one axis as weighted sums of entries of another (interpolation, reflected padding, choices). */
import { pointer, share, word } from "./memory";

/**
 * Row: 0 x, 1 out, 2 table (taps indices, then taps weights for each entry), 3 outer, 4 from, 5 to, 6 inner, 7 taps,
 * 8 accumulate.
 */
export function resample(row: usize, tid: i32, threads: i32): void {
  const x = pointer(row, 0);
  const table = pointer(row, 2);
  const from = word(row, 4);
  const to = word(row, 5);
  const inner = word(row, 6);
  const taps = word(row, 7);
  const accumulate = word(row, 8);
  const lines = word(row, 3) * to;
  for (let line = share(lines, tid, threads); line < share(lines, tid + 1, threads); line++) {
    const outer = line / to;
    const entry = table + (<usize>((line - outer * to) * 2 * taps) << 2);
    const out = pointer(row, 1) + (<usize>(line * inner) << 2);
    const source = x + (<usize>(outer * from * inner) << 2);
    let i = 0;
    for (; i + 4 <= inner; i += 4) {
      const at = <usize>i << 2;
      let sum = accumulate ? v128.load(out + at) : f32x4.splat(0);
      for (let t = 0; t < taps; t++) {
        const index = <i32>load<f32>(entry + (<usize>t << 2));
        const weight = v128.load32_splat(entry + (<usize>(taps + t) << 2));
        sum = f32x4.add(sum, f32x4.mul(weight, v128.load(source + (<usize>(index * inner) << 2) + at)));
      }
      v128.store(out + at, sum);
    }
    for (; i < inner; i++) {
      const at = <usize>i << 2;
      let sum: f32 = accumulate ? load<f32>(out + at) : 0;
      for (let t = 0; t < taps; t++) {
        const index = <i32>load<f32>(entry + (<usize>t << 2));
        sum += load<f32>(entry + (<usize>(taps + t) << 2)) * load<f32>(source + (<usize>(index * inner) << 2) + at);
      }
      store<f32>(out + at, sum);
    }
  }
}

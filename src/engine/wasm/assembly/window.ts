/**
 * Implicit im2col: copies the input rows that a group of output rows needs into scratch, zero padding
 * included, so that the inner kernels read contiguous memory and never test a border. With `us`, `uw` > 1
 * zeros are inserted between the pixels, which turns a strided convolution's input gradient into a plain
 * convolution.
 *
 * A window of the padded rows is then a few contiguous spans: for a dense undilated kernel, kw*c words
 * for each of kh rows.
 */

/** Copies `rows` virtual input rows from number `first` on; each gets `width` pixels of `c` words. */
export function packRows(
  image: usize,
  scratch: usize,
  first: i32,
  rows: i32,
  width: i32,
  left: i32,
  h: i32,
  w: i32,
  c: i32,
  us: i32,
  uw: i32,
): void {
  const pixel = <usize>(c << 2);
  const rowBytes = <usize>width * pixel;
  let to = scratch;
  for (let i = 0; i < rows; i++, to += rowBytes) {
    const virtual = first + i;
    const source = virtual / us;
    if (virtual < 0 || source >= h || virtual - source * us != 0) {
      memory.fill(to, 0, rowBytes);
      continue;
    }
    const from = image + <usize>(source * w) * pixel;
    if (uw == 1) {
      const skip = left < 0 ? -left : 0;
      const pad = left < 0 ? 0 : left;
      let copied = w - skip;
      if (copied > width - pad) copied = width - pad;
      if (copied < 0) copied = 0;
      memory.fill(to, 0, <usize>pad * pixel);
      memory.copy(to + <usize>pad * pixel, from + <usize>skip * pixel, <usize>copied * pixel);
      memory.fill(to + <usize>(pad + copied) * pixel, 0, <usize>(width - pad - copied) * pixel);
    } else {
      memory.fill(to, 0, rowBytes);
      for (let j = 0; j < w; j++) {
        const at = left + j * uw;
        if (at >= 0 && at < width) memory.copy(to + <usize>at * pixel, from + <usize>j * pixel, pixel);
      }
    }
  }
}

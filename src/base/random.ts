/**
 * The lab's only source of randomness.
 *
 * A recipe must give the same bits in every browser and in Node, so every draw comes from one seeded
 * integer generator and never from `Math.random`. A stream is split by purpose ("batches", "search",
 * an image's index): two purposes never share a sequence, and drawing more from one does not move the
 * other. The generator is sfc32 (Doty-Humphrey, PractRand), whose state is filled by hashing the seed
 * and the purpose; all its arithmetic is on 32-bit integers, exact everywhere.
 */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  /** @param seed any integer; @param purpose what the draws are for, e.g. `"batches/block3"` */
  constructor(seed: number, purpose: string | number = "") {
    const mix = hasher(seed >>> 0);
    if (typeof purpose === "number") mix(purpose >>> 0);
    else for (let i = 0; i < purpose.length; i++) mix(purpose.charCodeAt(i));
    this.a = mix(0x9e3779b9);
    this.b = mix(0x243f6a88);
    this.c = mix(0xb7e15162);
    for (let i = 0; i < 12; i++) this.uint32();
  }

  /** A uniform integer in [0, 2^32). */
  uint32(): number {
    const t = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + t) | 0;
    return t >>> 0;
  }

  /** A uniform number in [0, 1), a multiple of 2^-32. */
  uniform(): number {
    return this.uint32() / 4294967296;
  }

  /** A uniform number in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** A uniform integer in [0, n), without modulo bias. */
  below(n: number): number {
    const limit = 4294967296 - (4294967296 % n);
    for (;;) {
      const draw = this.uint32();
      if (draw < limit) return draw % n;
    }
  }

  /** `count` different integers of [0, n), written to `out` from `at`; `pool` is scratch of n entries 0..n-1 in any order. */
  sample(pool: Int32Array, count: number, out: Int32Array, at: number): void {
    const n = pool.length;
    for (let i = 0; i < count; i++) {
      const j = i + this.below(n - i);
      const drawn = pool[j] as number;
      pool[j] = pool[i] as number;
      pool[i] = drawn;
      out[at + i] = drawn;
    }
  }
}

/** A running 32-bit hash (murmur3's mixing): each call folds a word in and returns the state. */
function hasher(seed: number): (word: number) => number {
  let h = seed ^ 0x85ebca6b;
  return (word) => {
    let k = Math.imul(word, 0xcc9e2d51);
    k = (k << 15) | (k >>> 17);
    h ^= Math.imul(k, 0x1b873593);
    h = (h << 13) | (h >>> 19);
    h = (Math.imul(h, 5) + 0xe6546b64) | 0;
    let f = h;
    f = Math.imul(f ^ (f >>> 16), 0x85ebca6b);
    f = Math.imul(f ^ (f >>> 13), 0xc2b2ae35);
    return (f ^ (f >>> 16)) | 0;
  };
}

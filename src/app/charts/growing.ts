/** Numbers that are appended as they come, without copying what is there more than a few times. */
export class GrowingFloats {
  private store = new Float32Array(256);
  private used = 0;

  get length(): number {
    return this.used;
  }

  /** Writes values from index `first` on; what was there or after it is replaced. @throws where that leaves a gap */
  write(first: number, values: Float32Array): void {
    if (first > this.used) throw new RangeError(`Values from ${first} on leave a gap after ${this.used}`);
    const end = first + values.length;
    if (end > this.store.length) {
      const larger = new Float32Array(Math.max(end, 2 * this.store.length));
      larger.set(this.store.subarray(0, first));
      this.store = larger;
    }
    this.store.set(values, first);
    this.used = end;
  }

  /** The values so far: a window on the store, which the next write may leave behind. */
  view(): Float32Array {
    return this.store.subarray(0, this.used);
  }
}

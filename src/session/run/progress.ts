/** How far a run is and how long it will take, from the work that is planned and done. */

export class Progress {
  private readonly start: number = performance.now();
  private done = 0;
  private phase = 0;
  private phaseWork = 0;
  private text = "";

  /** @param total planned work, in the unit of `begin`'s numbers */
  constructor(
    private readonly total: number,
    private readonly report: (text: string, fraction: number, secondsLeft: number | null) => void,
  ) {}

  /** Starts a phase of `work`; the one before counts as done. */
  begin(text: string, work: number): void {
    this.done += this.phaseWork;
    this.phaseWork = work;
    this.phase = 0;
    this.text = text;
    this.tell();
  }

  /** @param share of the current phase that is done */
  advance(share: number): void {
    this.phase = share;
    this.tell();
  }

  private tell(): void {
    const fraction = Math.min(1, (this.done + this.phase * this.phaseWork) / this.total);
    const elapsed = (performance.now() - this.start) / 1000;
    // The first moments say little about the rest.
    const known = elapsed > 1 && fraction > 0.02;
    this.report(this.text, fraction, known ? (elapsed / fraction) * (1 - fraction) : null);
  }
}

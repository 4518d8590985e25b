/** Colours of units: a palette that stays apart for colour-blind eyes (Okabe and Ito), then lighter and darker. */
const PALETTE: readonly string[] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7a5195", "#8c6d1f", "#444444"];

export function unitColour(index: number): string {
  return PALETTE[index % PALETTE.length] as string;
}

/** The colours of bit widths, in every drawing. */

/** From warm, where a layer has little room, to cool; apart for colour-blind eyes by lightness too. */
const COLOURS: Readonly<Record<number, string>> = {
  2: "#f2a983",
  3: "#f8cda6",
  4: "#fbe9c6",
  5: "#e4edf5",
  6: "#c6def3",
  7: "#a9cbea",
  8: "#8fd0b5",
  // In float.
  32: "#d9d9d9",
};

/** Of a signal-to-quantization-noise ratio in decibels, from dark, 5 and below, to pale, 45 and above; null where there is no noise. */
export function noiseColour(sqnr: number | null): string {
  const share = sqnr === null ? 1 : Math.min(1, Math.max(0, (sqnr - 5) / 40));
  return `hsl(20 80% ${Math.round(58 + 38 * share)}%)`;
}

export function bitColour(bits: number): string {
  return COLOURS[bits] ?? "#ffffff";
}

/**
 * How series are told apart. Colours are those of the theme's tokens that mean nothing else; where they are used up the dash
 * changes, and markers too where points are few. A series keeps its style by its place, so that a unit looks the same in
 * both phases and a run the same in every chart.
 */
export interface SeriesStyle {
  /** A CSS colour, a token of the theme. */
  readonly colour: string;
  /** stroke-dasharray; "none" is a solid line. */
  readonly dash: string;
  readonly marker: Marker;
}

export const MARKERS = ["circle", "square", "triangle", "diamond", "cross"] as const;
export type Marker = (typeof MARKERS)[number];

const COLOURS = ["var(--method)", "var(--run-1)", "var(--run-2)", "var(--run-3)", "var(--run-4)"] as const;
const DASHES = ["none", "6 3", "2 3", "9 3 2 3", "12 4"] as const;

/** Of units: neighbours differ in colour, and every fifth begins another dash. */
export function unitStyle(place: number): SeriesStyle {
  const round = Math.floor(place / COLOURS.length);
  return {
    colour: COLOURS[place % COLOURS.length] as string,
    dash: DASHES[round % DASHES.length] as string,
    marker: MARKERS[round % MARKERS.length] as Marker,
  };
}

/** Of runs, which are few: neighbours differ in colour, dash and marker at once. */
export function runStyle(place: number): SeriesStyle {
  const round = Math.floor(place / COLOURS.length);
  return {
    colour: COLOURS[place % COLOURS.length] as string,
    dash: DASHES[(place + round) % DASHES.length] as string,
    marker: MARKERS[(place + round) % MARKERS.length] as Marker,
  };
}

/** Markers of points, by which series differ in shape too. */
import type { Marker } from "./series-style";

/** Outlines around the origin, 1 from it to its sides. */
const SHAPES: Readonly<Record<Marker, string>> = {
  circle: "M-1 0a1 1 0 1 0 2 0a1 1 0 1 0 -2 0Z",
  square: "M-0.9 -0.9H0.9V0.9H-0.9Z",
  triangle: "M0 -1.15L1.1 0.85H-1.1Z",
  diamond: "M0 -1.3L1.1 0L0 1.3L-1.1 0Z",
  cross: "M-1 -1L1 1M1 -1L-1 1",
};

interface MarkerShapeProps {
  readonly marker: Marker;
  readonly x: number;
  readonly y: number;
  /** Pixels from the middle to a side. */
  readonly size: number;
  readonly colour: string;
}

export function MarkerShape({ marker, x, y, size, colour }: MarkerShapeProps): React.ReactNode {
  return (
    <path
      d={SHAPES[marker]}
      transform={`translate(${x.toFixed(1)} ${y.toFixed(1)}) scale(${size})`}
      fill={marker === "cross" ? "none" : colour}
      stroke={colour}
      strokeWidth={marker === "cross" ? 0.6 : 0.2}
    />
  );
}

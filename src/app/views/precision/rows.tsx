/** The rows that this view hangs on the axis: bits as columns above the network, sensitivity as a triangle below it. */
import { bitColour } from "../../../charts/colours";
import { FLOAT_BITS } from "../../../session/network/view";
import type { Frame } from "../../axis/stage";
import { type Slot, slotsOf } from "./slots";
import type { Triangle } from "./triangle";

const [WIDEST, TEXT_ROOM] = [8, 13];
const TICKS = [2, 4, 6, 8] as const;

export interface BitsRowProps {
  readonly frame: Frame;
  /** By layer id: bits of the weights, 32 for float, and of what the layer reads where that is searched. */
  readonly bits: ReadonlyMap<string, { readonly weights: number; readonly activation: number | null }>;
  /** Words of a column, for hovering. */
  say(slot: Slot, weights: number, activation: number | null): string;
  readonly floatText: string;
}

export function BitsRow({ frame: { spans, width, top, height }, bits, say, floatText }: BitsRowProps): React.ReactNode {
  const y = (value: number) => top + height - (Math.min(value, WIDEST + 1) / (WIDEST + 1)) * height;
  return (
    <>
      {TICKS.map((tick) => (
        <g key={tick}>
          <line x1={0} x2={width} y1={y(tick)} y2={y(tick)} stroke="var(--line)" />
          <text x={-8} y={y(tick) + 4} textAnchor="end" fill="var(--dim)">
            {tick}
          </text>
        </g>
      ))}
      {slotsOf(spans).map((slot) => {
        const own = bits.get(slot.layer);
        if (!own) return null;
        const gap = Math.min(3, (slot.right - slot.left) / 6);
        const [left, room] = [slot.left + gap, Math.max(1, slot.right - slot.left - 2 * gap)];
        const isFloat = own.weights === FLOAT_BITS;
        const edge = y(isFloat ? WIDEST + 1 : own.weights);
        return (
          <g key={slot.layer} data-layer={slot.layer} data-bits={own.weights}>
            <title>{say(slot, own.weights, own.activation)}</title>
            <rect
              x={left}
              y={edge}
              width={room}
              height={top + height - edge}
              rx={Math.min(4, room / 4)}
              fill={bitColour(own.weights)}
              stroke="var(--strong-line)"
            />
            {room > TEXT_ROOM ? (
              <text x={left + room / 2} y={top + height - 6} textAnchor="middle" fontWeight="650" style={DARK_ON_PALE}>
                {isFloat ? (room > 34 ? floatText : "∞") : own.weights}
              </text>
            ) : null}
            {own.activation === null || own.activation === FLOAT_BITS ? null : (
              <path d={`M${left} ${y(own.activation)}h${room}`} stroke="var(--ink)" strokeWidth="2" strokeDasharray="3 2" />
            )}
          </g>
        );
      })}
      <line x1={0} x2={width} y1={top + height} y2={top + height} stroke="var(--strong-line)" />
    </>
  );
}

/** The colours of bits are the same in both themes, and pale. */
const DARK_ON_PALE = { fill: "#14181f" } as const;

const PICK = { cursor: "pointer" } as const;

export interface TriangleRowProps {
  readonly frame: Frame;
  readonly triangle: Triangle;
  readonly selected: string | null;
  sayCell(names: readonly string[], value: number): string;
  onPick(layer: string): void;
}

export function TriangleRow({ frame: { top, height }, triangle, selected, sayCell, onPick }: TriangleRowProps): React.ReactNode {
  const { cells, borders, depth } = triangle;
  // All of it is seen: what reaches deeper than the row is pressed together.
  const scale = Math.min(1.5, (height - 4) / depth);
  const path = (points: readonly (readonly [number, number])[]) =>
    points.map(([x, y], i) => `${i === 0 ? "M" : "L"}${x.toFixed(1)} ${(top + 2 + y * scale).toFixed(1)}`).join("");
  return (
    <>
      {cells.map(({ kind, layers, names, points, value, share }) => (
        // biome-ignore lint/a11y/noStaticElementInteractions: the same layers are buttons of the network above
        <g key={layers.join(" ")} data-cell={kind} onClick={() => onPick(layers[0] as string)} style={PICK}>
          <title>{sayCell(names, value)}</title>
          <path d={`${path(points)}Z`} fill="var(--heat-0)" stroke="var(--panel)" />
          <path
            d={`${path(points)}Z`}
            fill={value < 0 ? "var(--cool-1)" : "var(--heat-1)"}
            fillOpacity={0.06 + 0.94 * share}
            stroke={layers.includes(selected ?? "") ? "var(--focus)" : "var(--panel)"}
            strokeWidth={layers.includes(selected ?? "") ? 2.5 : 0.7}
          />
        </g>
      ))}
      {borders.map(({ block, points }) => (
        <path key={block} d={path(points)} fill="none" stroke="var(--ink)" strokeWidth="1.4" strokeLinejoin="round" pointerEvents="none" />
      ))}
    </>
  );
}

/** The network on the axis: in each column the unit's layers and the places where its branches meet. */
import { curveMonotoneX, line } from "d3-shape";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import { bitColour } from "../../charts/colours";
import { FLOAT_BITS, type LayerView } from "../../session/network/view";
import type { Shade, Shades } from "./colouring";
import type { Span } from "./depth";
import styles from "./stage.module.css";
import { ENTRY, EXIT, type PlacedNode } from "./unit-layout";
import { UnitProgress } from "./unit-progress";

export interface StripProps {
  readonly spans: readonly Span[];
  readonly top: number;
  readonly height: number;
  readonly shades: Shades;
  readonly bits: (layer: LayerView) => number;
  readonly selectedUnit: string | null;
  readonly selectedLayer: string | null;
  /** The unit in training, and its iterations; units that are done. */
  readonly current: { readonly name: string; readonly iterations: number } | null;
  readonly done: ReadonlySet<string>;
  /** The node that the tab key reaches. */
  readonly focus: string;
  onFocus(id: string): void;
  onPick(unit: string, layer: string | null): void;
}

const drawn = line<readonly [number, number]>().curve(curveMonotoneX);
/** Largest half width and half height of a layer in pixels, and from which width on its bits are written. */
const [HALF_WIDTH, HALF_HEIGHT, TEXT_WIDTH] = [21, 15, 17];
/** Room of a column on both sides, and the name above it. */
const [PAD, NAME] = [5, 22];

export function NetworkStrip(props: StripProps): React.ReactNode {
  const { spans, top, height } = props;
  return (
    <g transform={`translate(0 ${top})`}>
      {spans.map((span, i) => (
        <g key={span.column.index}>
          {i > 0 || span.column.index > 0 ? (
            <path d={`M${span.left - PAD} ${NAME + (height - NAME) / 2}H${span.left + PAD}`} className={styles.edge} />
          ) : null}
          <UnitColumn {...props} span={span} height={height} />
        </g>
      ))}
    </g>
  );
}

type ColumnProps = StripProps & { readonly span: Span };

/** Whether a column looks the same: a run says something ten times a second, and of most columns nothing new. */
function isSameColumn(a: ColumnProps, b: ColumnProps): boolean {
  const { unit } = a.span.column;
  const isHere = (id: string) => id === `unit:${unit.name}` || unit.layers.some((layer) => id === `layer:${layer.id}`);
  const iterations = ({ current }: ColumnProps) => (current?.name === unit.name ? current.iterations : null);
  return (
    a.span === b.span &&
    a.height === b.height &&
    iterations(a) === iterations(b) &&
    a.done.has(unit.name) === b.done.has(unit.name) &&
    (a.selectedUnit === unit.name) === (b.selectedUnit === unit.name) &&
    (a.focus === b.focus || (!isHere(a.focus) && !isHere(b.focus))) &&
    (a.selectedLayer === b.selectedLayer || !unit.layers.some(({ id }) => id === a.selectedLayer || id === b.selectedLayer)) &&
    unit.layers.every((layer) => a.bits(layer) === b.bits(layer) && isSameShade(a.shades.get(layer.id), b.shades.get(layer.id)))
  );
}

function isSameShade(a: Shade | undefined, b: Shade | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && a.value === b.value && a.share === b.share);
}

const UnitColumn = memo(function UnitColumn(props: ColumnProps): React.ReactNode {
  const { span, height, selectedUnit, current, done, focus, onFocus, onPick } = props;
  const { t } = useTranslation("quantize");
  const { unit, placed } = span.column;
  const inner = { left: span.left + PAD, width: Math.max(2, span.width - 2 * PAD), top: NAME + 4, height: height - NAME - 8 };
  const across = inner.width / Math.max(placed.width, 1);
  const down = Math.min(inner.height / Math.max(placed.height, 1), 44);
  const shift = (inner.height - placed.height * down) / 2;
  const x = (at: number) => inner.left + (placed.width < 1 ? (at + (1 - placed.width) / 2) * across : at * across);
  const y = (at: number) => inner.top + shift + at * down;
  const isCurrent = current?.name === unit.name;
  const hasLayers = unit.layers.length > 0;
  const state = isCurrent ? styles.current : done.has(unit.name) ? styles.done : "";
  const id = `unit:${unit.name}`;
  const name = hasLayers ? unit.name : unit.operations.join(", ");
  return (
    <>
      {hasLayers ? (
        // biome-ignore lint/a11y/useSemanticElements: a button of HTML cannot stand in SVG
        <g
          role="button"
          tabIndex={focus === id ? 0 : -1}
          data-node={id}
          aria-pressed={selectedUnit === unit.name}
          aria-label={t("axis.unit", { name: unit.name, count: unit.layers.length })}
          className={styles.node}
          onFocus={() => onFocus(id)}
          onClick={() => onPick(unit.name, null)}
          onKeyDown={(event) => press(event, () => onPick(unit.name, null))}
        >
          <rect
            x={span.left + 2}
            y={1}
            width={Math.max(1, span.width - 4)}
            height={height - 2}
            rx={8}
            className={`${styles.unit} ${state} ${selectedUnit === unit.name ? styles.selected : ""}`}
          />
          {isCurrent ? (
            <UnitProgress unit={unit.name} iterations={current.iterations} x={span.left + 4} y={height - 6} width={span.width - 8} />
          ) : null}
          {span.width > 34 ? (
            <text x={span.middle} y={16} textAnchor="middle" className={styles.name}>
              {shorten(name, span.width - 8)}
            </text>
          ) : null}
        </g>
      ) : span.width > 14 ? (
        <text x={span.middle} y={height / 2 + 12} textAnchor="middle" className={styles.glue}>
          <title>{name}</title>
          {span.width > 46 ? shorten(name, span.width) : "·"}
        </text>
      ) : null}
      <g className={styles.through}>
        {placed.edges.map(({ from, to, points }) => (
          <path
            key={`${from} ${to}`}
            d={
              drawn(
                points.map(
                  ([px, py], i) =>
                    [
                      end(from, ENTRY, i === 0, inner.left - PAD) ?? end(to, EXIT, i === points.length - 1, span.left + span.width) ?? x(px),
                      isEnd(from, to, i, points.length) ? NAME + (height - NAME) / 2 : y(py),
                    ] as const,
                ),
              ) ?? ""
            }
            className={styles.edge}
          />
        ))}
      </g>
      {hasLayers
        ? placed.nodes.map((node) => (
            <Node
              key={node.id}
              {...props}
              node={node}
              unit={unit.name}
              layers={unit.layers}
              x={x(node.x)}
              y={y(node.y)}
              across={across}
              down={down}
            />
          ))
        : null}
    </>
  );
}, isSameColumn);

/** Where an edge begins or ends at the unit's own edge. */
function end(id: string, which: string, here: boolean, at: number): number | null {
  return id === which && here ? at : null;
}

function isEnd(from: string, to: string, index: number, count: number): boolean {
  return (from === ENTRY && index === 0) || (to === EXIT && index === count - 1);
}

interface NodeProps extends StripProps {
  readonly node: PlacedNode;
  readonly unit: string;
  readonly layers: readonly LayerView[];
  readonly x: number;
  readonly y: number;
  /** Pixels of a column and a lane. */
  readonly across: number;
  readonly down: number;
}

function Node({ node, unit, layers, x, y, across, down, shades, bits, selectedLayer, focus, onFocus, onPick }: NodeProps): React.ReactNode {
  const { t } = useTranslation("quantize");
  const layer = layers.find(({ id }) => id === node.id);
  if (!layer) {
    const radius = Math.max(1.5, Math.min(7, across * 0.16));
    return (
      <g>
        <title>{[node.title, ...node.with].join(", ")}</title>
        <circle cx={x} cy={y} r={radius} className={styles.join} />
        {radius > 5 && node.title === "add" ? <path d={`M${x - 3} ${y}h6M${x} ${y - 3}v6`} className={styles.plus} /> : null}
      </g>
    );
  }
  const width = 2 * Math.max(1.5, Math.min(HALF_WIDTH, across * 0.36));
  const height = 2 * Math.max(2, Math.min(HALF_HEIGHT, down * 0.34));
  const own = bits(layer);
  const shade = shades.get(layer.id);
  const word = own === FLOAT_BITS ? t("axis.float") : t("axis.bits", { bits: own });
  const fill = shade
    ? shade.share === null
      ? bitColour(own)
      : `color-mix(in oklab, var(--heat-1) ${Math.round(shade.share * 100)}%, var(--heat-0))`
    : "var(--soft)";
  const onDark = shade?.share !== null && shade !== undefined && (shade.share ?? 0) > 0.55;
  const id = `layer:${layer.id}`;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a button of HTML cannot stand in SVG
    <g
      role="button"
      tabIndex={focus === id ? 0 : -1}
      data-node={id}
      aria-pressed={selectedLayer === layer.id}
      aria-label={t("axis.layer", { name: layer.name, kind: layer.kind, bits: word })}
      className={styles.node}
      onFocus={() => onFocus(id)}
      onClick={(event) => {
        event.stopPropagation();
        onPick(unit, layer.id);
      }}
      onKeyDown={(event) => press(event, () => onPick(unit, layer.id))}
    >
      <title>{`${layer.name}: ${layer.kind}, ${word}`}</title>
      {/* A finger needs more room than the drawing takes. */}
      <rect x={x - Math.max(12, width / 2)} y={y - 13} width={Math.max(24, width)} height={26} fill="transparent" />
      <rect
        x={x - width / 2}
        y={y - height / 2}
        width={width}
        height={height}
        rx={Math.min(5, width / 4)}
        className={`${styles.layer} ${selectedLayer === layer.id ? styles.selected : ""}`}
        style={{ fill }}
      />
      {width >= TEXT_WIDTH && height >= 16 ? (
        <text x={x} y={y + 4.5} textAnchor="middle" className={shade?.share === null ? styles.onBits : onDark ? styles.onDark : styles.onPale}>
          {own === FLOAT_BITS ? "f" : own}
        </text>
      ) : null}
    </g>
  );
}

function press(event: React.KeyboardEvent, deed: () => void): void {
  if (event.key !== "Enter" && event.key !== " ") return;
  event.preventDefault();
  deed();
}

/** What fits a width of about 7.5 px a character: the end of a name says more than its beginning. */
function shorten(text: string, width: number): string {
  const most = Math.floor(width / 7.5);
  return text.length <= most ? text : most < 3 ? text.slice(-most) : `…${text.slice(1 - most)}`;
}

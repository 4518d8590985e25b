/**
 * The rows over the axis of depth in one drawing: pictures above, the network, pictures below, all in the same columns. Who
 * points at a column sees what every row says of it; the network answers to the arrow keys; the axis zooms.
 */
import { Minus, Plus, Scan } from "lucide-react";
import { lazy, memo, Suspense, useEffect, useMemo, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import type { NetworkView } from "../../session/network/view";
import { Button } from "../ui/button";
import { columnsOf, moved, type Span, spansOf, WHOLE, type Window, zoomed } from "./depth";
import { NetworkStrip, type StripProps } from "./network-strip";
import type { StageFile } from "./save-stage";
import styles from "./stage.module.css";

/** Loaded when there is something to take away. */
const SaveStage = lazy(() => import("./save-stage"));

/** Whether it is a finger that points. */
const isTouched = () => globalThis.matchMedia?.("(pointer: coarse)").matches ?? false;

export interface Frame {
  readonly spans: readonly Span[];
  readonly width: number;
  readonly top: number;
  readonly height: number;
}

export interface StageRow {
  readonly id: string;
  readonly title: string;
  readonly height: number;
  /** At the right of the title: a legend, a choice of colours. */
  readonly aside?: React.ReactNode;
  draw(frame: Frame): React.ReactNode;
  /** What it says of a column; null where it says nothing. */
  say?(span: Span): string | null;
}

export interface StageProps extends Omit<StripProps, "spans" | "top" | "height" | "focus" | "onFocus"> {
  readonly network: NetworkView;
  readonly label: string;
  readonly above: readonly StageRow[];
  readonly below: readonly StageRow[];
  readonly stripTitle: string;
  readonly stripAside?: React.ReactNode;
  readonly stripHeight?: number;
  /** What is taken away; its place below the rows is kept while there is nothing yet. */
  readonly file?: StageFile | null;
}

/** Room at the left for the names of values, at the right, and above each row for its title. */
export const LEFT = 48;
export const RIGHT = 8;
export const TITLE = 26;
/** On a narrow screen a title may take two lines, with its legend below them, and a column is drawn at least so wide: the axis scrolls. */
const NARROW = { title: 66, column: 40 };

export function Stage(props: StageProps): React.ReactNode {
  const { network, label, above, below, stripTitle, stripAside, stripHeight = 112, file, onPick } = props;
  const { t } = useTranslation("quantize");
  const box = useRef<HTMLDivElement>(null);
  const drawing = useRef<SVGSVGElement>(null);
  const [room, setRoom] = useState(0);
  const [window, setWindow] = useState(WHOLE);
  const [pointed, setPointed] = useState<number | null>(null);
  const [focus, setFocus] = useState("");
  const columns = useMemo(() => columnsOf(network), [network]);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(([entry]) => setRoom(Math.floor(entry?.contentRect.width ?? 0)));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const narrow = room > 0 && room < 620;
  const width = Math.max(room, narrow ? Math.min(columns.length * NARROW.column + LEFT, 4 * room) : 0);
  const inner = Math.max(10, width - LEFT - RIGHT);
  const spans = useMemo(() => spansOf(columns, window, inner), [columns, window, inner]);
  const rows = [...above.map((row) => ({ row })), { row: null }, ...below.map((row) => ({ row }))];
  const titleHeight = (row: StageRow | null) => (!narrow ? TITLE : (row ? row.aside : stripAside) ? NARROW.title : NARROW.title - 22);
  let top = 0;
  const placed = rows.map(({ row }) => {
    const title = top;
    const at = top + titleHeight(row);
    top = at + (row?.height ?? stripHeight) + 6;
    return { row, title, at };
  });
  const nodes = useMemo(
    () => columns.flatMap(({ unit }) => (unit.layers.length > 0 ? [`unit:${unit.name}`, ...unit.layers.map(({ id }) => `layer:${id}`)] : [])),
    [columns],
  );
  const focused = nodes.includes(focus) ? focus : (nodes[0] ?? "");
  const span = spans.find(({ column }) => column.index === pointed) ?? null;

  const move = (event: React.KeyboardEvent) => {
    const at = nodes.indexOf(focused);
    const isUnit = (id: string | undefined) => id?.startsWith("unit:") ?? false;
    const nextUnit = (step: number) => {
      for (let i = at + step; i >= 0 && i < nodes.length; i += step) if (isUnit(nodes[i])) return i;
      return at;
    };
    const target = { ArrowRight: nextUnit(1), ArrowLeft: nextUnit(-1), ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: nodes.length - 1 }[
      event.key
    ];
    const id = target === undefined ? undefined : nodes[target];
    if (id === undefined) return;
    event.preventDefault();
    // Drawn at once, also where the axis moves to it: the next key is the new node's, however fast it comes.
    flushSync(() => {
      setFocus(id);
      reveal(id);
    });
    box.current?.querySelector<SVGGElement>(`[data-node="${CSS.escape(id)}"]`)?.focus();
  };
  const reveal = (id: string) => {
    const column = columns.find(({ unit }) => id === `unit:${unit.name}` || unit.layers.some((layer) => id === `layer:${layer.id}`));
    if (!column || (column.start >= window.from && column.start + column.share <= window.to)) return;
    const size = window.to - window.from;
    setWindow(moved({ from: column.start - size / 2, to: column.start + size / 2 }, 0));
  };
  const wheel = (event: React.WheelEvent) => {
    if (!event.ctrlKey && Math.abs(event.deltaX) <= Math.abs(event.deltaY)) return;
    if (event.ctrlKey) {
      const at = (event.clientX - event.currentTarget.getBoundingClientRect().left - LEFT) / inner;
      setWindow(zoomed(window, event.deltaY > 0 ? 1.15 : 1 / 1.15, window.from + at * (window.to - window.from)));
    } else if (window.to - window.from < 1) setWindow(moved(window, event.deltaX / inner));
  };
  const point = (event: React.PointerEvent) => {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left - LEFT;
    setPointed(spans.find(({ left, width: own }) => x >= left && x < left + own)?.column.index ?? null);
  };
  return (
    <section className={styles.stage} aria-label={label}>
      <div className={styles.tools}>
        <p className={styles.said} aria-hidden>
          {span
            ? [span.column.unit.name, ...rows.map(({ row }) => row?.say?.(span)).filter(Boolean)].join(" · ")
            : t(isTouched() ? "axis.hintTouch" : "axis.hint")}
        </p>
        <ZoomButtons window={window} onChange={setWindow} />
      </div>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the arrow keys move among the buttons within */}
      <div ref={box} className={styles.box} onKeyDown={move}>
        {room > 0 ? (
          <div
            className={styles.drawing}
            style={{ width, height: top }}
            onPointerMove={point}
            onPointerLeave={() => setPointed(null)}
            onWheel={wheel}
          >
            {placed.map(({ row, title, at }) => (
              <div
                key={row?.id ?? "network"}
                className={`${styles.title} ${narrow ? styles.narrow : ""}`}
                style={{ top: title, minHeight: at - title, left: LEFT, width: Math.min(width, room) - LEFT - RIGHT }}
              >
                <h3>{row ? row.title : stripTitle}</h3>
                <span className={styles.aside}>{row ? row.aside : stripAside}</span>
              </div>
            ))}
            <svg ref={drawing} width={width} height={top} className={styles.svg} aria-label={label}>
              <clipPath id="axis-window">
                <rect x={-LEFT} y={0} width={width} height={top} />
              </clipPath>
              <g transform={`translate(${LEFT} 0)`} clipPath="url(#axis-window)">
                {span ? <rect x={span.left} y={0} width={span.width} height={top} className={styles.pointed} /> : null}
                {placed.map(({ row, at }) =>
                  row ? (
                    <g key={row.id} data-row={row.id}>
                      {row.draw({ spans, width: inner, top: at, height: row.height })}
                    </g>
                  ) : (
                    <NetworkStrip
                      key="network"
                      {...props}
                      spans={spans}
                      top={at}
                      height={stripHeight}
                      focus={focused}
                      onFocus={setFocus}
                      onPick={onPick}
                    />
                  ),
                )}
              </g>
            </svg>
          </div>
        ) : null}
      </div>
      {file === undefined ? null : (
        <div className={styles.save}>
          <Suspense>
            {file ? (
              <SaveStage
                file={file}
                drawing={drawing}
                titles={placed.map(({ row, at }) => ({ x: LEFT, y: at - 8, text: row ? row.title : stripTitle }))}
              />
            ) : null}
          </Suspense>
        </div>
      )}
    </section>
  );
}

/** They are not drawn anew with the rows above and below them. */
const ZoomButtons = memo(function ZoomButtons({ window, onChange }: { readonly window: Window; onChange(window: Window): void }): React.ReactNode {
  const { t } = useTranslation("quantize");
  const middle = (window.from + window.to) / 2;
  const isWhole = window.to - window.from >= 1;
  return (
    <>
      <Button look="quiet" aria-label={t("axis.zoomOut")} isDisabled={isWhole} onPress={() => onChange(zoomed(window, 1.5, middle))}>
        <Minus aria-hidden />
      </Button>
      <Button look="quiet" aria-label={t("axis.zoomIn")} onPress={() => onChange(zoomed(window, 1 / 1.5, middle))}>
        <Plus aria-hidden />
      </Button>
      <Button look="quiet" aria-label={t("axis.whole")} isDisabled={isWhole} onPress={() => onChange(WHOLE)}>
        <Scan aria-hidden />
      </Button>
    </>
  );
});

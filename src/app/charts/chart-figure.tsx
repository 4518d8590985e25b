/**
 * What all charts over a horizontal axis share: a title, the drawing, a place on the axis that is read off by pointer or arrow
 * keys, a legend outside the drawing that carries the values there, so that nothing covers a curve, and the buttons that
 * take it all away.
 */
import { useCallback, useId, useRef, useState } from "react";
import styles from "./chart-figure.module.css";
import { MarkerShape } from "./marker";
import { markupOf } from "./markup";
import { fileName, SaveChart } from "./save-chart";
import type { SeriesStyle } from "./series-style";
import { useRoom } from "./use-room";

export interface LegendEntry {
  readonly key: string;
  readonly label: string;
  readonly style: SeriesStyle;
  /** What it says at the place that is read off, or at its end. */
  readonly value: string;
}

export interface Drawn {
  /** What is drawn, in an SVG element of the frame's size. */
  readonly picture: React.ReactNode;
  /** Of a position in pixels the place that is read off, all places, and the one some steps from another. */
  placeAt(x: number): number;
  readonly range: readonly [number, number];
  step(place: number | null, by: number): number;
}

export interface ChartFrame {
  readonly width: number;
  readonly height: number;
  readonly text: number;
  /** The place that is read off. */
  readonly cursor: number | null;
}

export interface ChartFigureProps {
  readonly title: string;
  /** Beside the title: what is chosen of the chart. */
  readonly aside?: React.ReactNode;
  /** Below it: how it is to be read. */
  readonly note?: React.ReactNode;
  /** Lines of text high. */
  readonly lines?: number;
  /** Whether points have markers. */
  readonly marked?: boolean;
  draw(frame: ChartFrame): Drawn;
  legend(cursor: number | null): readonly LegendEntry[];
  /** The place in words: "iteration 120", or what the values in the legend are of. */
  say(cursor: number | null): string;
  /** The series that is strong, and what a click on the legend does. */
  readonly strong?: string | null;
  onPick?(key: string): void;
  /** The chart as it stands alone, and its values. */
  file(): React.ReactElement;
  csv(): string;
}

export function ChartFigure(props: ChartFigureProps): React.ReactNode {
  const { title, aside, note, lines = 20, marked = false, strong = null, onPick } = props;
  const [box, { width, text }] = useRoom<HTMLDivElement>();
  const [cursor, setCursor] = useState<number | null>(null);
  const id = useId();
  // What is taken away is made from the chart as it is then.
  const latest = useRef(props);
  latest.current = props;
  const svg = useCallback(() => markupOf(latest.current.file()), []);
  const csv = useCallback(() => latest.current.csv(), []);
  const height = Math.round(Math.min(lines * text, Math.max(12 * text, 0.75 * width)));
  const drawn = width > 0 ? props.draw({ width, height, text, cursor }) : null;
  const legend = props.legend(cursor);
  const said = props.say(cursor);
  const keys = (event: React.KeyboardEvent) => {
    const by = { ArrowRight: 1, ArrowLeft: -1, PageDown: 10, PageUp: -10, Home: Number.NEGATIVE_INFINITY, End: Number.POSITIVE_INFINITY }[event.key];
    if (event.key === "Escape") setCursor(null);
    else if (by !== undefined && drawn) setCursor(drawn.step(cursor, by));
    else return;
    event.preventDefault();
  };
  const point = (event: React.PointerEvent) => {
    if (drawn) setCursor(drawn.placeAt(event.clientX - event.currentTarget.getBoundingClientRect().left));
  };
  return (
    <figure className={styles.figure} aria-labelledby={id}>
      <figcaption className={styles.head}>
        <h3 id={id}>{title}</h3>
        {aside}
      </figcaption>
      <div ref={box} className={styles.box} style={{ minHeight: height }}>
        {drawn ? (
          <div
            className={styles.drawing}
            tabIndex={0}
            role="slider"
            aria-label={title}
            aria-valuemin={drawn.range[0]}
            aria-valuemax={drawn.range[1]}
            aria-valuenow={cursor ?? drawn.range[1]}
            aria-valuetext={[said, ...legend.slice(0, 6).map(({ label, value }) => `${label} ${value}`)].join(", ")}
            onKeyDown={keys}
            onPointerMove={point}
            onPointerDown={point}
            onPointerLeave={() => setCursor(null)}
            onBlur={() => setCursor(null)}
          >
            <svg width={width} height={height} aria-hidden>
              {drawn.picture}
            </svg>
          </div>
        ) : null}
      </div>
      <p className={styles.said}>{said}</p>
      <ul className={styles.legend}>
        {legend.map(({ key, label, style, value }) => {
          const entry = (
            <>
              <svg className={styles.swatch} width={30} height={12} aria-hidden>
                <path d="M1 6H29" stroke={style.colour} strokeWidth={key === strong ? 3.5 : 2} strokeDasharray={style.dash} />
                {marked ? <MarkerShape marker={style.marker} x={15} y={6} size={4} colour={style.colour} /> : null}
              </svg>
              <span className={styles.label}>{label}</span>
              <span className={styles.value}>{value}</span>
            </>
          );
          return (
            <li key={key}>
              {onPick ? (
                <button type="button" className={styles.entry} aria-pressed={key === strong} onClick={() => onPick(key)}>
                  {entry}
                </button>
              ) : (
                <span className={styles.entry}>{entry}</span>
              )}
            </li>
          );
        })}
      </ul>
      {note ? <p className={styles.note}>{note}</p> : null}
      <SaveChart title={title} name={fileName(title)} svg={svg} csv={csv} />
    </figure>
  );
}

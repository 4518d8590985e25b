/**
 * The frame of every figure of this view: title, legend, the drawing in the width that there is, a line that says the value
 * under pointer or keyboard, and the ways to take it away. The drawing is read like a slider: the arrow keys move over its
 * values, and a screen reader hears each.
 */
import { Download } from "lucide-react";
import { useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { pngOf } from "../../charts/standalone";
import { Button } from "../../ui/button";
import { save } from "../../ui/save";
import styles from "./figure.module.css";
import { figureFile, type Key } from "./figure-file";

export interface Frame {
  readonly width: number;
  readonly height: number;
  /** Pixels of a line of text. */
  readonly text: number;
}

/** How a figure's values are read one by one. */
export interface Reading {
  readonly count: number;
  /** Values that an arrow key goes over: left and right, up and down. */
  readonly steps?: readonly [across: number, down: number];
  /** The value at a point of the drawing; null beside all. */
  pick(x: number, y: number, frame: Frame): number | null;
  say(index: number): string;
  /** What a click or Enter on a value does. */
  choose?(index: number): void;
}

export interface FigureProps {
  readonly title: string;
  /** A sentence on how to read it. */
  readonly note?: React.ReactNode;
  readonly keys: readonly Key[];
  /** Of the files, without an ending. */
  readonly name: string;
  /** Of the drawing, in lines of text; or as it follows from the width. */
  readonly lines: number | ((width: number, text: number) => number);
  readonly reading: Reading | null;
  csv(): string;
  draw(frame: Frame, cursor: number | null): React.ReactNode;
}

/** The width that an element has, and the size of small text, as both change. */
export function useRoom(): { readonly box: React.RefObject<HTMLDivElement | null>; readonly width: number; readonly text: number } {
  const box = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState({ width: 0, text: 13 });
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      const text = Math.max(13, 0.867 * Number.parseFloat(getComputedStyle(document.documentElement).fontSize));
      setRoom({ width: Math.floor(element.clientWidth), text });
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return { box, ...room };
}

export function Figure(props: FigureProps): React.ReactNode {
  const { title, note, keys, lines, reading, draw } = props;
  const { t } = useTranslation("inspect");
  const id = useId();
  const { box, width, text } = useRoom();
  const svg = useRef<SVGSVGElement>(null);
  const [cursor, setCursor] = useState<number | null>(null);
  const at = reading && cursor !== null && cursor < reading.count ? cursor : null;
  const frame = { width, height: Math.round(typeof lines === "number" ? lines * text : lines(width, text)), text };
  return (
    <figure className={styles.figure} aria-labelledby={`${id}-title`}>
      <div className={styles.head}>
        <h3 id={`${id}-title`} className={styles.title}>
          {title}
        </h3>
        <TakeAwayFigure {...props} frame={frame} drawing={svg} />
      </div>
      {note ? <p className={styles.note}>{note}</p> : null}
      <ul className={styles.keys}>
        {keys.map((key) => (
          <li key={key.text}>
            <KeyMark {...key} />
            {key.text}
          </li>
        ))}
      </ul>
      <div
        ref={box}
        className={styles.box}
        role="slider"
        tabIndex={reading ? 0 : -1}
        aria-label={title}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, (reading?.count ?? 1) - 1)}
        aria-valuenow={at ?? 0}
        aria-valuetext={at === null || !reading ? t("figure.keys") : reading.say(at)}
        onPointerMove={(event) => reading && setCursor(pointed(event, reading, frame))}
        onPointerLeave={() => setCursor(null)}
        onBlur={() => setCursor(null)}
        onClick={(event) => {
          const index = reading?.choose ? pointed(event, reading, frame) : null;
          if (index !== null) reading?.choose?.(index);
        }}
        onKeyDown={(event) => {
          if (!reading || reading.count === 0) return;
          if (event.key === "Enter" && at !== null && reading.choose) reading.choose(at);
          const next = moved(event.key, at, reading);
          if (next === null) return;
          event.preventDefault();
          setCursor(next);
        }}
      >
        {width > 0 ? (
          <svg
            ref={svg}
            xmlns="http://www.w3.org/2000/svg"
            width={width}
            height={frame.height}
            viewBox={`0 0 ${width} ${frame.height}`}
            fontSize={text}
            className={styles.drawing}
            aria-hidden
          >
            {draw(frame, at)}
          </svg>
        ) : null}
      </div>
      <p className={styles.said} aria-hidden>
        {at === null || !reading ? "" : reading.say(at)}
      </p>
    </figure>
  );
}

function pointed(event: React.MouseEvent<HTMLElement>, reading: Reading, frame: Frame): number | null {
  const { left, top } = event.currentTarget.getBoundingClientRect();
  return reading.pick(event.clientX - left, event.clientY - top, frame);
}

/** Where a key moves the cursor to; null where it moves nothing. */
export function moved(key: string, at: number | null, { count, steps: [across, down] = [1, 1] }: Pick<Reading, "count" | "steps">): number | null {
  const by: Readonly<Record<string, number>> = { ArrowLeft: -across, ArrowRight: across, ArrowUp: -down, ArrowDown: down };
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  const step = by[key];
  if (step === undefined) return null;
  if (at === null) return step > 0 ? 0 : count - 1;
  const next = at + step;
  return next < 0 || next >= count ? at : next;
}

function TakeAwayFigure({
  title,
  keys,
  name,
  csv,
  frame,
  drawing,
}: FigureProps & { readonly frame: Frame; readonly drawing: React.RefObject<SVGSVGElement | null> }): React.ReactNode {
  const { t } = useTranslation("inspect");
  const file = () => {
    if (!drawing.current) throw new Error("The figure is not drawn yet");
    return figureFile(new XMLSerializer().serializeToString(drawing.current), { title, keys, ...frame });
  };
  return (
    <fieldset className={styles.take} aria-label={t("figure.save", { title })}>
      <Download aria-hidden className={styles.icon} />
      <Button look="quiet" onPress={() => save(`${name}.svg`, "image/svg+xml", file())} aria-label={t("figure.saveAs", { title, kind: "SVG" })}>
        SVG
      </Button>
      <Button
        look="quiet"
        onPress={async () => save(`${name}.png`, "image/png", await pngOf(file()))}
        aria-label={t("figure.saveAs", { title, kind: "PNG" })}
      >
        PNG
      </Button>
      <Button look="quiet" onPress={() => save(`${name}.csv`, "text/csv", csv())} aria-label={t("figure.saveAs", { title, kind: "CSV" })}>
        CSV
      </Button>
    </fieldset>
  );
}

function KeyMark({ colour, mark }: Key): React.ReactNode {
  return (
    <svg width="20" height="12" aria-hidden className={styles.mark}>
      {mark === "bar" ? (
        <rect x="2" y="1" width="16" height="10" fill={colour} />
      ) : mark === "dot" ? (
        <circle cx="10" cy="6" r="4" fill={colour} />
      ) : (
        <path d="M1 6h18" stroke={colour} strokeWidth="2.5" strokeDasharray={mark === "dash" ? "4 3" : "none"} />
      )}
    </svg>
  );
}

/**
 * Predicted loss against cost: the exact front, uniform widths, the population of the search, what was found, and the limit
 * as a line that is dragged, or moved by the arrow keys; when it is let go, the search is made under the new limit. Sensitivity
 * is not measured again for that.
 */
import Papa from "papaparse";
import { useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { SearchResult } from "../../../session/search/result";
import { ChartFile } from "../../charts/chart-file";
import { MarkerShape } from "../../charts/marker";
import { markupOf } from "../../charts/markup";
import { Axes, type PlotLayout } from "../../charts/plot-axes";
import { fileName, SaveChart } from "../../charts/save-chart";
import type { SeriesStyle } from "../../charts/series-style";
import { useRoom } from "../../charts/use-room";
import { useFormat } from "../../i18n/format";
import { costKey } from "../../precision/search";
import { plotLayout } from "./plot";
import styles from "./precision.module.css";

/** Points of the front that are drawn at most, and how long a moved line waits for the next key. */
const [MOST, WAIT_MS] = [400, 450];

const STYLES = {
  front: { colour: "var(--full)", dash: "none", marker: "circle" },
  population: { colour: "var(--run-4)", dash: "2 3", marker: "circle" },
  uniform: { colour: "var(--nearest)", dash: "none", marker: "square" },
  found: { colour: "var(--method)", dash: "none", marker: "diamond" },
} as const satisfies Record<string, SeriesStyle>;

interface FrontProps {
  readonly result: SearchResult;
  readonly isDisabled: boolean;
  onLimit(value: number): void;
}

export function Front({ result, isDisabled, onLimit }: FrontProps): React.ReactNode {
  const { t } = useTranslation("precision");
  const format = useFormat();
  const [box, { width, text }] = useRoom<HTMLDivElement>();
  const [moved, setMoved] = useState<number | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const id = useId();
  const { limit, uniform, front } = result;
  // What was found under a new limit takes the place of the line that asked for it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the line goes where the result's limit is
  useEffect(() => setMoved(null), [result]);
  useEffect(() => () => (timer.current ? clearTimeout(timer.current) : undefined), []);
  const title = t("front.title");
  const value = moved ?? limit.value;
  const size = { width, height: Math.round(Math.min(22 * text, Math.max(14 * text, 0.8 * width))), text };
  const points = thinned(front ?? []);
  const costs = [...points.map(([cost]) => cost), ...uniform.map(({ cost }) => cost), result.cost];
  const losses = [...points.map(([, loss]) => loss), ...uniform.map(({ predictedLoss }) => predictedLoss), result.predictedLoss];
  const layoutFor = (own: typeof size) => plotLayout(own, costs, losses, true);
  const layout = width > 0 ? layoutFor(size) : null;
  const [least, most] = [Math.min(...costs), Math.max(...costs)];
  const unit = limit.unit;
  const predicted = (front ?? []).findLast(([cost]) => cost <= value * (1 + 1e-12))?.[1];
  const said = t("front.says", {
    cost: `${format.digits(value)} ${unit}`,
    loss: predicted === undefined ? "–" : format.digits(predicted),
  });
  const titles = { x: `${t(costKey(limit.cost))}, ${unit}`, y: t("front.loss") };
  const release = (at: number | null) => {
    if (at !== null && at !== limit.value) onLimit(at);
  };
  const key = (event: React.KeyboardEvent) => {
    const step = { ArrowRight: 0.01, ArrowLeft: -0.01, PageUp: 0.1, PageDown: -0.1, Home: -1, End: 1 }[event.key];
    if (step === undefined || isDisabled) return;
    event.preventDefault();
    const next = Math.min(most, Math.max(least, value + step * (most - least)));
    setMoved(next);
    if (timer.current) clearTimeout(timer.current);
    timer.current = setTimeout(() => release(next), WAIT_MS);
  };
  const drag = (event: React.PointerEvent<SVGRectElement>) => {
    if (!layout || isDisabled || event.buttons === 0) return;
    const svg = event.currentTarget.ownerSVGElement as SVGSVGElement;
    event.currentTarget.setPointerCapture(event.pointerId);
    setMoved(layout.xAt(event.clientX - svg.getBoundingClientRect().left));
  };
  const legend = (["front", "uniform", "population", "found"] as const)
    .filter((name) => name !== "front" || front !== null)
    .map((name) => ({ key: name, label: t(`front.${name}`), style: STYLES[name] }));
  const marks = (own: PlotLayout) => <Marks layout={own} points={points} result={result} />;
  const file = () => {
    const own = { width: 640, height: 380, text: 13 };
    const at = layoutFor(own);
    return (
      <ChartFile title={title} {...own} marked legend={legend}>
        <Axes layout={at} size={own} titles={titles} />
        {marks(at)}
        <path d={`M${at.x(limit.value)} ${at.top}V${at.bottom}`} stroke="var(--nearest)" strokeDasharray="5 4" />
      </ChartFile>
    );
  };
  return (
    <figure className={styles.figure} aria-labelledby={id} data-testid="front">
      <figcaption>
        <h3 id={id}>{title}</h3>
      </figcaption>
      <div ref={box} className={styles.box} style={{ minHeight: size.height }}>
        {layout ? (
          <svg width={width} height={size.height} aria-label={title}>
            <Axes layout={layout} size={size} titles={titles} />
            {marks(layout)}
            <g
              role="slider"
              tabIndex={0}
              aria-label={t("front.limit")}
              aria-valuemin={least}
              aria-valuemax={most}
              aria-valuenow={value}
              aria-valuetext={said}
              aria-disabled={isDisabled}
              className={styles.line}
              onKeyDown={key}
            >
              <path
                d={`M${layout.x(value).toFixed(1)} ${layout.top}V${layout.bottom}`}
                stroke="var(--nearest)"
                strokeWidth="2"
                strokeDasharray="5 4"
              />
              <circle cx={layout.x(value)} cy={layout.bottom} r={6} fill="var(--nearest)" />
              <text
                x={layout.x(value) + (layout.x(value) > width / 2 ? -8 : 8)}
                y={layout.top + text}
                textAnchor={layout.x(value) > width / 2 ? "end" : "start"}
                fontSize={text}
                fill="var(--nearest)"
              >
                {t("front.drag")}
              </text>
              <rect
                x={layout.left}
                y={layout.top}
                width={Math.max(1, layout.right - layout.left)}
                height={Math.max(1, layout.bottom - layout.top + 10)}
                fill="transparent"
                onPointerDown={drag}
                onPointerMove={drag}
                onPointerUp={() => release(moved)}
              />
            </g>
          </svg>
        ) : null}
      </div>
      <p className={styles.said}>{said}</p>
      <ul className={styles.legend}>
        {legend.map(({ key: name, label, style }) => (
          <li key={name}>
            <svg width={26} height={12} aria-hidden>
              {name === "front" ? <path d="M1 6H25" stroke={style.colour} strokeWidth="2" /> : null}
              {name === "front" ? null : (
                <MarkerShape marker={style.marker} x={13} y={6} size={name === "population" ? 2 : 4.5} colour={style.colour} />
              )}
            </svg>
            {label}
          </li>
        ))}
      </ul>
      <SaveChart
        title={title}
        name={fileName(title)}
        svg={() => markupOf(file())}
        csv={() =>
          Papa.unparse(
            [
              ["kind", `cost, ${unit}`, "predicted loss"],
              ...(front ?? []).map(([cost, loss]) => ["front", cost, loss]),
              ...uniform.map(({ bits, cost, predictedLoss }) => [`uniform ${bits} bit`, cost, predictedLoss]),
              ["found", result.cost, result.predictedLoss],
            ],
            { newline: "\n" },
          )
        }
      />
    </figure>
  );
}

interface MarksProps {
  readonly layout: PlotLayout;
  readonly points: readonly (readonly [number, number])[];
  readonly result: SearchResult;
}

function Marks({ layout: { x, y }, points, result }: MarksProps): React.ReactNode {
  const line = points.map(([cost, loss], i) => `${i === 0 ? "M" : "L"}${x(cost).toFixed(1)} ${y(loss).toFixed(1)}`).join("");
  return (
    <g>
      <path d={line} fill="none" stroke={STYLES.front.colour} strokeWidth="2" strokeLinejoin="round" />
      {(result.history.at(-1)?.members ?? []).map(([cost, loss], i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: members of a population have no names
        <circle key={i} cx={x(cost)} cy={y(loss)} r={2} fill={STYLES.population.colour} fillOpacity={0.7} />
      ))}
      {result.uniform.map(({ bits, cost, predictedLoss }) => (
        <g key={bits}>
          <title>{`${bits} bit: ${cost.toPrecision(3)}, ${predictedLoss.toPrecision(3)}`}</title>
          <MarkerShape marker="square" x={x(cost)} y={y(predictedLoss)} size={4.5} colour={STYLES.uniform.colour} />
        </g>
      ))}
      <MarkerShape marker="diamond" x={x(result.cost)} y={y(result.predictedLoss)} size={6} colour={STYLES.found.colour} />
    </g>
  );
}

/** Every so manieth point, first and last among them. */
function thinned(points: readonly (readonly [number, number])[]): readonly (readonly [number, number])[] {
  const every = Math.max(1, Math.ceil(points.length / MOST));
  return points.filter((_, i) => i % every === 0 || i === points.length - 1);
}

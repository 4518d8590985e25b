/** Where in the picture the output is wrong: mean squared errors by position, nearest and reconstructed on one scale. */
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Inspection, OutputInspection } from "../../../session/inspect/inspection";
import { fileName } from "../../charts/save-chart";
import { useFormat } from "../../i18n/format";
import { Figure, type Frame } from "./figure";
import { csvOf } from "./figure-file";
import { pictureUrl, pixelsOf, RAMP, rangeOfMaps } from "./ramp";

/** Largest side of a map in lines of text. */
const SIDE = 18;

export function PositionMap({ inspection, output }: { readonly inspection: Inspection; readonly output: OutputInspection }): React.ReactNode {
  const { t } = useTranslation("inspect");
  const format = useFormat();
  const { rows, columns, cell } = output.grid;
  const parts = [
    { name: t("nearest"), values: output.nearest.byPosition },
    ...(output.reconstructed ? [{ name: t("reconstructed"), values: output.reconstructed.byPosition }] : []),
  ];
  const range = { ...rangeOfMaps([output.nearest.byPosition, ...(output.reconstructed ? [output.reconstructed.byPosition] : [])]), low: 0 };
  // Drawing a map takes a canvas; only another answer needs another.
  // biome-ignore lint/correctness/useExhaustiveDependencies: all that is drawn comes from the output
  const urls = useMemo(() => parts.map(({ values }) => pictureUrl(pixelsOf(values, range), columns, rows)), [output]);
  const places = ({ width, text }: Frame) => {
    const gap = 1.5 * text;
    const wide = Math.min((width - gap) / 2, (SIDE * text * columns) / Math.max(rows, columns));
    const tall = Math.max(1.2 * text, (wide * rows) / columns);
    return parts.map((_, i) => ({ x: i * (wide + gap), y: 1.5 * text, width: wide, height: tall }));
  };
  const size = rows * columns;
  return (
    <Figure
      title={t("output.byPosition")}
      note={cell > 1 ? t("output.cells", { cell }) : undefined}
      name={`error-by-position-${fileName(inspection.ask.layer)}`}
      lines={(width, text) => (places({ width, text, height: 0 })[0]?.height ?? 0) + 2.2 * text}
      keys={[
        { text: t("output.noError"), colour: RAMP.pale, mark: "bar" },
        { text: t("output.mostError", { value: format.digits(range.high) }), colour: RAMP.strong, mark: "bar" },
      ]}
      reading={{
        count: parts.length * size,
        steps: [1, columns],
        pick: (x, y, frame) => {
          const part = places(frame).findIndex((place) => x >= place.x && x < place.x + place.width && y >= place.y && y < place.y + place.height);
          const place = places(frame)[part];
          if (!place) return null;
          const [column, row] = [Math.floor(((x - place.x) / place.width) * columns), Math.floor(((y - place.y) / place.height) * rows)];
          return part * size + row * columns + column;
        },
        say: (index) => {
          const part = parts[Math.floor(index / size)];
          const at = index % size;
          return t("output.sayPosition", {
            which: part?.name,
            row: Math.floor(at / columns) * cell,
            column: (at % columns) * cell,
            value: format.digits(part?.values[at] ?? 0),
          });
        },
      }}
      csv={() =>
        csvOf(
          ["row", "column", ...parts.map(({ name }) => name)],
          Array.from({ length: size }, (_, i) => [
            Math.floor(i / columns) * cell,
            (i % columns) * cell,
            ...parts.map(({ values }) => values[i] as number),
          ]),
        )
      }
      draw={(frame, cursor) =>
        places(frame).map((place, i) => {
          const at = cursor !== null && Math.floor(cursor / size) === i ? cursor % size : null;
          const [w, h] = [place.width / columns, place.height / rows];
          return (
            <g key={parts[i]?.name}>
              <text x={place.x} y={frame.text} fill={i === 0 ? "var(--nearest)" : "var(--method)"} fontWeight="bold">
                {parts[i]?.name}
              </text>
              <image href={urls[i]} {...place} preserveAspectRatio="none" imageRendering="pixelated" />
              <rect {...place} fill="none" stroke="var(--line)" />
              {at === null ? null : (
                <rect
                  x={place.x + (at % columns) * w - 1}
                  y={place.y + Math.floor(at / columns) * h - 1}
                  width={w + 2}
                  height={h + 2}
                  fill="none"
                  stroke="var(--ink)"
                  strokeWidth={1.5}
                />
              )}
            </g>
          );
        })
      }
    />
  );
}

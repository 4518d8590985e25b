/**
 * Feature maps of one image: a row a channel, at full precision, rounded to nearest and reconstructed on one scale of colours,
 * then what each of the two changed, on a scale with signs. A vector has no maps: its channels are a table of numbers.
 */
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { FeatureMaps, Inspection, OutputInspection } from "../../../session/inspect/inspection";
import { fileName } from "../../charts/save-chart";
import { useFormat } from "../../i18n/format";
import table from "../../ui/table.module.css";
import { Figure, type Frame } from "./figure";
import { csvOf } from "./figure-file";
import styles from "./inspect.module.css";
import { pictureUrl, pixelsOf, RAMP, type Range, rangeOfMaps, signedRange } from "./ramp";

type Channel = FeatureMaps["channels"][number];

export interface MapColumn {
  readonly id: "full" | "nearest" | "reconstructed" | "nearestChange" | "reconstructedChange";
  values(channel: Channel): Float32Array;
}

const minus = (a: Float32Array, b: Float32Array) => a.map((value, i) => value - (b[i] as number));

/** What stands in each row: the versions there are, then what they changed. */
export function mapColumns(hasReconstructed: boolean): MapColumn[] {
  const columns: MapColumn[] = [
    { id: "full", values: ({ full }) => full },
    { id: "nearest", values: ({ nearest }) => nearest },
    { id: "reconstructed", values: ({ reconstructed }) => reconstructed as Float32Array },
    { id: "nearestChange", values: ({ nearest, full }) => minus(nearest, full) },
    { id: "reconstructedChange", values: ({ reconstructed, reference }) => minus(reconstructed as Float32Array, reference) },
  ];
  return columns.filter(({ id }) => hasReconstructed || !id.startsWith("reconstructed"));
}

/** Of one row: the versions share a scale, and so do the changes. */
export function rowRanges(channel: Channel, columns: readonly MapColumn[]): Range[] {
  const isChange = ({ id }: MapColumn) => id.endsWith("Change");
  const plain = rangeOfMaps(columns.filter((column) => !isChange(column)).map((column) => column.values(channel)));
  const changes = signedRange(columns.filter(isChange).map((column) => column.values(channel)));
  return columns.map((column) => (isChange(column) ? changes : plain));
}

const meanSquare = (values: Float32Array) => values.reduce((sum, value) => sum + value * value, 0) / values.length;

interface MapsProps {
  readonly inspection: Inspection;
  readonly output: OutputInspection;
}

export function FeatureMapsFigure({ inspection, output }: MapsProps): React.ReactNode {
  const { t } = useTranslation("inspect");
  const format = useFormat();
  const { channels } = output.maps;
  const { rows, columns: across } = output.grid;
  const columns = mapColumns(output.reconstructed !== null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: all that is drawn comes from the output
  const drawn = useMemo(
    () =>
      channels.map((channel) => {
        const ranges = rowRanges(channel, columns);
        return columns.map((column, i) => {
          const values = column.values(channel);
          return { values, range: ranges[i] as Range, url: pictureUrl(pixelsOf(values, ranges[i] as Range), across, rows) };
        });
      }),
    [output],
  );
  const size = rows * across;
  const place = ({ width, text }: Frame, row: number, column: number) => {
    const left = 3.2 * text;
    const gap = 0.5 * text;
    const wide = Math.min((width - left) / columns.length - gap, 9 * text);
    const tall = Math.max(1.2 * text, (wide * rows) / across);
    return { x: left + column * (wide + gap), y: 2.6 * text + row * (tall + gap), width: wide, height: tall };
  };
  const heads = columns.map(({ id }) => t(`maps.${id}`));
  return (
    <Figure
      title={t("maps.title")}
      note={t("maps.note")}
      name={`feature-maps-${fileName(inspection.ask.layer)}-image-${inspection.ask.image}`}
      lines={(width, text) => {
        const last = place({ width, text, height: 0 }, channels.length - 1, 0);
        return last.y + last.height + 2;
      }}
      keys={[
        { text: t("maps.low"), colour: RAMP.pale, mark: "bar" },
        { text: t("maps.high"), colour: RAMP.strong, mark: "bar" },
        { text: t("maps.less"), colour: RAMP.minus, mark: "bar" },
      ]}
      reading={{
        count: channels.length * columns.length * size,
        steps: [size, size * columns.length],
        pick: (x, y, frame) => {
          for (let row = 0; row < channels.length; row++)
            for (let column = 0; column < columns.length; column++) {
              const box = place(frame, row, column);
              const [px, py] = [(x - box.x) / box.width, (y - box.y) / box.height];
              if (px >= 0 && px < 1 && py >= 0 && py < 1)
                return (row * columns.length + column) * size + Math.floor(py * rows) * across + Math.floor(px * across);
            }
          return null;
        },
        say: (index) => {
          const [cell, at] = [Math.floor(index / size), index % size];
          const [row, column] = [Math.floor(cell / columns.length), cell % columns.length];
          const map = drawn[row]?.[column];
          return t("maps.say", {
            channel: channels[row]?.channel,
            which: heads[column],
            row: Math.floor(at / across) * output.grid.cell,
            column: (at % across) * output.grid.cell,
            value: format.digits(map?.values[at] ?? 0),
            power: format.digits(map ? meanSquare(map.values) : 0),
          });
        },
      }}
      csv={() =>
        csvOf(
          ["channel", "row", "column", ...heads],
          channels.flatMap(({ channel }, row) =>
            Array.from({ length: size }, (_, at) => [
              channel,
              Math.floor(at / across),
              at % across,
              ...columns.map((_, column) => drawn[row]?.[column]?.values[at] as number),
            ]),
          ),
        )
      }
      draw={(frame, cursor) => (
        <>
          {heads.map((head, column) => {
            const { x, width } = place(frame, 0, column);
            return (
              <text
                key={head}
                x={x}
                y={frame.text}
                fill={HEAD_COLOURS[columns[column]?.id ?? "full"]}
                fontSize={Math.min(frame.text, (width * 1.75) / head.length)}
              >
                {head}
              </text>
            );
          })}
          {channels.map(({ channel }, row) => {
            const first = place(frame, row, 0);
            return (
              <g key={channel}>
                <text x={first.x - 0.5 * frame.text} y={first.y + first.height / 2 + 0.35 * frame.text} textAnchor="end" fill="var(--dim)">
                  {channel}
                </text>
                {columns.map(({ id }, column) => (
                  <image
                    key={id}
                    href={drawn[row]?.[column]?.url}
                    {...place(frame, row, column)}
                    preserveAspectRatio="none"
                    imageRendering="pixelated"
                  />
                ))}
              </g>
            );
          })}
          <text x={frame.text * 0.2} y={2.3 * frame.text} fill="var(--dim)">
            {t("channel")}
          </text>
          {cursor === null ? null : (
            <rect
              {...place(frame, Math.floor(cursor / size / columns.length), Math.floor(cursor / size) % columns.length)}
              fill="none"
              stroke="var(--ink)"
              strokeWidth={1.5}
            />
          )}
        </>
      )}
    />
  );
}

const HEAD_COLOURS: Readonly<Record<MapColumn["id"], string>> = {
  full: "var(--full)",
  nearest: "var(--nearest)",
  reconstructed: "var(--method)",
  nearestChange: "var(--nearest)",
  reconstructedChange: "var(--method)",
};

export function VectorTable({ output }: Pick<MapsProps, "output">): React.ReactNode {
  const { t } = useTranslation("inspect");
  const format = useFormat();
  const columns = mapColumns(output.reconstructed !== null);
  return (
    <div className={`${table.scroll} ${styles.panel}`}>
      <table className={table.table}>
        <caption className={styles.caption}>{t("maps.vector")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("channel")}</th>
            {columns.map(({ id }) => (
              <th key={id} scope="col">
                {t(`maps.${id}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {output.maps.channels.map((channel) => (
            <tr key={channel.channel}>
              <th scope="row">{channel.channel}</th>
              {columns.map((column) => (
                <td key={column.id}>{format.digits(column.values(channel)[0] as number)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Values by output channel: bars of one or two series side by side, or spans from one value to another. */
import { useTranslation } from "react-i18next";
import { Axes } from "../../charts/plot-axes";
import { Figure, type Frame } from "./figure";
import { csvOf, type Key } from "./figure-file";
import { Cursor, plotOf } from "./plot";

export interface ChannelSeries {
  readonly name: string;
  readonly colour: string;
  readonly values: ArrayLike<number>;
  /** Where bars begin, if not at 0: a series of spans, drawn as an outline around the others where `outline` is set. */
  readonly from?: ArrayLike<number>;
  readonly outline?: boolean;
}

interface ChannelBarsProps {
  readonly title: string;
  readonly note?: string;
  readonly name: string;
  readonly unit: string;
  readonly series: readonly ChannelSeries[];
  readonly selected: number | null;
  say(value: number): string;
  onChoose?(channel: number): void;
}

/** The least and greatest of all series, 0 among them. */
export function domainOf(series: readonly ChannelSeries[]): readonly [number, number] {
  let [low, high] = [0, 0];
  for (const { values, from } of series)
    for (let i = 0; i < values.length; i++) {
      low = Math.min(low, values[i] as number, from ? (from[i] as number) : 0);
      high = Math.max(high, values[i] as number, from ? (from[i] as number) : 0);
    }
  return low === high ? [0, 1] : [low * 1.05, high * 1.05];
}

export function ChannelBars({ title, note, name, unit, series, selected, say, onChoose }: ChannelBarsProps): React.ReactNode {
  const { t } = useTranslation("inspect");
  const count = series[0]?.values.length ?? 0;
  const domain = domainOf(series);
  const bars = series.filter(({ outline }) => !outline);
  const plot = (frame: Frame) => plotOf(frame, [-0.5, count - 0.5], domain);
  const keys = series.map(({ name: text, colour, outline }): Key => ({ text, colour, mark: outline ? "line" : "bar" }));
  const path = (frame: Frame, { values, from, outline }: ChannelSeries) => {
    const axes = plot(frame);
    const each = 0.8 / (outline ? 1 : bars.length);
    const shift = outline ? 0 : bars.findIndex((one) => one.values === values) * each;
    return Array.from(values, (value, c) => {
      const [left, right] = [axes.x(c - 0.4 + shift), axes.x(c - 0.4 + shift + each)];
      const [top, bottom] = [axes.y(value), axes.y(from ? (from[c] as number) : 0)];
      return `M${left.toFixed(1)} ${bottom.toFixed(1)}V${top.toFixed(1)}H${Math.max(right, left + 0.7).toFixed(1)}V${bottom.toFixed(1)}z`;
    }).join("");
  };
  return (
    <Figure
      title={title}
      note={note}
      name={name}
      keys={keys}
      lines={14}
      reading={{
        count,
        pick: (x, _y, frame) => {
          const { left, right } = plot(frame);
          return x < left || x > right ? null : Math.min(count - 1, Math.floor(((x - left) / (right - left)) * count));
        },
        say: (channel) =>
          `${t("channelNumber", { channel })}: ${series
            .map(({ name: text, values, from }) =>
              from
                ? `${text} ${t("range", { low: say(from[channel] as number), high: say(values[channel] as number) })}`
                : `${text} ${say(values[channel] as number)}`,
            )
            .join(", ")}`,
        ...(onChoose ? { choose: onChoose } : {}),
      }}
      csv={() =>
        csvOf(
          ["channel", ...series.flatMap(({ name: text, from }) => (from ? [`${text}, low`, `${text}, high`] : [text]))],
          Array.from({ length: count }, (_, c) => [
            c,
            ...series.flatMap(({ values, from }) => (from ? [from[c] as number, values[c] as number] : [values[c] as number])),
          ]),
        )
      }
      draw={(frame, cursor) => {
        const axes = plot(frame);
        return (
          <>
            {selected === null ? null : (
              <rect
                x={axes.x(selected - 0.5)}
                y={axes.top}
                width={Math.max(2, axes.x(selected + 0.5) - axes.x(selected - 0.5))}
                height={axes.bottom - axes.top}
                fill="var(--method-soft)"
              />
            )}
            <Axes layout={axes} size={frame} titles={{ x: t("channel"), y: unit }} />
            {series.map((one) => (
              <path
                key={one.name}
                d={path(frame, one)}
                fill={one.outline ? "none" : one.colour}
                stroke={one.outline ? one.colour : "none"}
                strokeWidth={one.outline ? 1.2 : 0}
              />
            ))}
            <Cursor plot={axes} at={cursor} />
          </>
        );
      }}
    />
  );
}

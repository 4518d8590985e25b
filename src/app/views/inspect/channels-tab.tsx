/** The layer's output channels: how far each one's weights reach, its grid, its flips, its error; and all of it as a table. */
import { useTranslation } from "react-i18next";
import type { Inspection, OutputInspection, WeightsInspection } from "../../../session/inspect/inspection";
import { fileName } from "../../charts/save-chart";
import { useFormat } from "../../i18n/format";
import table from "../../ui/table.module.css";
import { ChannelBars } from "./channel-bars";
import styles from "./inspect.module.css";

/** The least and the greatest weight that each channel's grid can hold. */
export function gridEnds({ low, bits, scale, zero }: WeightsInspection): { readonly low: Float32Array; readonly high: Float32Array } {
  const at = (level: number) => Float32Array.from(low, (_, c) => (level - (zero[c % zero.length] as number)) * (scale[c % scale.length] as number));
  return { low: at(0), high: at(2 ** bits - 1) };
}

interface ChannelsTabProps {
  readonly inspection: Inspection;
  readonly weights: WeightsInspection;
  onChannel(channel: number | null): void;
}

/** Rows of the table at most. */
const ROWS = 512;

export function ChannelsTab({ inspection, weights, onChannel }: ChannelsTabProps): React.ReactNode {
  const { t } = useTranslation("inspect");
  const format = useFormat();
  const ends = gridEnds(weights);
  const { low, high, scale, zero, flips } = weights;
  const channels = low.length;
  const scales = Float32Array.from(low, (_, c) => scale[c % scale.length] as number);
  const shares = flips ? Float64Array.from(flips.byChannel, (count) => (100 * count) / flips.each) : null;
  const output = inspection.output?.at === "layer" ? inspection.output : null;
  const name = (what: string) => `${what}-${fileName(inspection.ask.layer)}`;
  const common = { selected: inspection.ask.channel, onChoose: onChannel, say: format.digits };
  return (
    <div className={styles.figures}>
      <ChannelBars
        {...common}
        title={t("channels.ranges")}
        note={t("channels.rangesNote")}
        name={name("ranges")}
        unit={t("channels.weight")}
        series={[
          { name: t("channels.range"), colour: "var(--full)", values: high, from: low },
          {
            name: t("channels.grid"),
            colour: inspection.reconstructed ? "var(--method)" : "var(--nearest)",
            values: ends.high,
            from: ends.low,
            outline: true,
          },
        ]}
      />
      <ChannelBars
        {...common}
        title={t("channels.scales")}
        name={name("scales")}
        unit={t("channels.scale")}
        series={[{ name: t("channels.scale"), colour: inspection.reconstructed ? "var(--method)" : "var(--nearest)", values: scales }]}
      />
      {shares ? (
        <ChannelBars
          {...common}
          title={t("channels.flips")}
          name={name("flips-by-channel")}
          unit={t("channels.flipsUnit")}
          say={(value) => format.percent(value)}
          series={[{ name: t("channels.flipped"), colour: "var(--method)", values: shares }]}
        />
      ) : null}
      {output ? <ErrorByChannel inspection={inspection} output={output} onChannel={onChannel} /> : null}
      <details className={styles.table}>
        <summary>{t("channels.table", { count: channels })}</summary>
        <div className={table.scroll}>
          <table className={table.table}>
            <caption className="visually-hidden">{t("channels.table", { count: channels })}</caption>
            <thead>
              <tr>
                <th scope="col">{t("channel")}</th>
                <th scope="col">{t("channels.low")}</th>
                <th scope="col">{t("channels.high")}</th>
                <th scope="col">{t("channels.scale")}</th>
                <th scope="col">{t("channels.zero")}</th>
                {shares ? <th scope="col">{t("channels.flipped")}</th> : null}
                {output ? <th scope="col">{t("output.errorOf", { which: t("nearest") })}</th> : null}
                {output?.reconstructed ? <th scope="col">{t("output.errorOf", { which: t("reconstructed") })}</th> : null}
              </tr>
            </thead>
            <tbody>
              {Array.from({ length: Math.min(ROWS, channels) }, (_, c) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a channel is its place
                <tr key={c}>
                  <th scope="row">{c}</th>
                  <td>{format.digits(low[c] as number)}</td>
                  <td>{format.digits(high[c] as number)}</td>
                  <td>{format.digits(scales[c] as number)}</td>
                  <td>{zero[c % zero.length]}</td>
                  {shares ? <td>{format.percent(shares[c] as number)}</td> : null}
                  {output ? <td>{format.digits(output.nearest.byChannel[c] as number)}</td> : null}
                  {output?.reconstructed ? <td>{format.digits(output.reconstructed.byChannel[c] as number)}</td> : null}
                </tr>
              ))}
            </tbody>
          </table>
          {channels > ROWS ? <p className={styles.dim}>{t("channels.more", { count: ROWS })}</p> : null}
        </div>
      </details>
    </div>
  );
}

export function ErrorByChannel({
  inspection,
  output,
  onChannel,
}: {
  readonly inspection: Inspection;
  readonly output: OutputInspection;
  onChannel?(channel: number): void;
}): React.ReactNode {
  const { t } = useTranslation("inspect");
  const format = useFormat();
  return (
    <ChannelBars
      title={t("output.byChannel")}
      name={`error-by-channel-${fileName(inspection.ask.layer)}`}
      unit={t("output.error")}
      selected={output.at === "layer" ? inspection.ask.channel : null}
      say={format.digits}
      series={[
        { name: t("nearest"), colour: "var(--nearest)", values: output.nearest.byChannel },
        ...(output.reconstructed ? [{ name: t("reconstructed"), colour: "var(--method)", values: output.reconstructed.byChannel }] : []),
      ]}
      {...(onChannel ? { onChoose: onChannel } : {})}
    />
  );
}

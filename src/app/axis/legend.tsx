/** What the network is coloured by: the choice, and what the colours mean. */
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { bitColour } from "../../charts/colours";
import { FLOAT_BITS } from "../../session/network/view";
import { useFormat } from "../i18n/format";
import type { Colouring, Shades } from "./colouring";
import styles from "./legend.module.css";

interface LegendProps {
  readonly colouring: Colouring;
  readonly options: readonly Colouring[];
  readonly shades: Shades;
  onChange(colouring: Colouring): void;
}

export function Legend({ colouring, options, shades, onChange }: LegendProps): React.ReactNode {
  const { t } = useTranslation("quantize");
  const format = useFormat();
  const id = useId();
  const values = [...shades.values()].map(({ value }) => value);
  const text = (value: number) =>
    colouring === "settled" ? format.percent(100 * value) : colouring === "rounding" ? format.percent(value) : format.short(value);
  return (
    <span className={styles.legend}>
      {colouring === "bits" ? (
        [...new Set(values)]
          .sort((a, b) => a - b)
          .map((bits) => (
            <span key={bits} className={styles.swatch}>
              <svg width={12} height={12} aria-hidden>
                <rect width={12} height={12} rx={3} fill={bitColour(bits)} />
              </svg>
              {bits === FLOAT_BITS ? t("axis.float") : t("axis.bits", { bits })}
            </span>
          ))
      ) : values.length > 0 ? (
        <span className={styles.swatch}>
          {text(Math.min(...values))}
          <span className={styles.ramp} aria-hidden />
          {text(Math.max(...values))}
        </span>
      ) : (
        <span>{t("legend.none")}</span>
      )}
      <label htmlFor={id}>{t("legend.colouredBy")}</label>
      <select id={id} className={styles.select} value={colouring} onChange={(event) => onChange(event.target.value as Colouring)}>
        {options.map((option) => (
          <option key={option} value={option}>
            {t(`colourings.${option}`)}
          </option>
        ))}
      </select>
    </span>
  );
}

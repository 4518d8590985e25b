/**
 * The weights of the unit in training on their way: each dot is a weight between two levels of its grid, and moves to the one that
 * the training rounds it to. h(v) comes from the training itself, a fixed sample of weights, so that a dot is the same weight throughout.
 */
import { useTranslation } from "react-i18next";
import { shortName } from "../../../session/network/view";
import type { RoundingSample } from "../../../session/worker/events";
import { useFormat } from "../../i18n/format";
import styles from "./moving.module.css";

type Layer = RoundingSample["layers"][number];

/** The drawing in its own units, room at both sides, and the most dots and levels that are drawn. */
const [WIDTH, HEIGHT, PAD, DOTS, LEVELS] = [280, 96, 12, 220, 16] as const;
const MOST_LAYERS = 3;

/** Where dots stand: on the whole grid, or, where that is fine, between the two nearest levels. */
export function dotsOf({ floor, h, levels }: Pick<Layer, "floor" | "h" | "levels">): { readonly x: number; readonly settled: boolean }[] {
  const whole = levels <= LEVELS;
  const span = whole ? levels - 1 : 1;
  return Array.from({ length: Math.min(DOTS, h.length) }, (_, i) => {
    const soft = h[i] as number;
    const at = whole ? Math.min(span, Math.max(0, (floor[i] as number) + soft)) : soft;
    return { x: at / span, settled: soft < 0.01 || soft > 0.99 };
  });
}

function pathOf(dots: ReturnType<typeof dotsOf>, x: (share: number) => number, settled: boolean): string {
  return dots.map((dot, i) => (dot.settled === settled ? `M${x(dot.x).toFixed(1)} ${6 + ((i * 37) % (HEIGHT - 12))}h0` : "")).join("");
}

export function Moving({ sample, name }: { readonly sample: RoundingSample; readonly name: string }): React.ReactNode {
  const { t } = useTranslation("quantize");
  const format = useFormat();
  return (
    <section aria-label={t("moving.label")} className={styles.moving}>
      <h2>{t("moving.title", { name })}</h2>
      <p className={styles.note}>{t("moving.note")}</p>
      {sample.layers.slice(0, MOST_LAYERS).map((layer) => {
        const dots = dotsOf(layer);
        const all = layer.histogram.reduce((sum, count) => sum + count, 0);
        const ends = (layer.histogram[0] ?? 0) + (layer.histogram.at(-1) ?? 0);
        const ticks = layer.levels <= LEVELS ? layer.levels : 2;
        const x = (share: number) => PAD + share * (WIDTH - 2 * PAD);
        return (
          <figure key={layer.name}>
            <figcaption>
              <span>{shortName(layer.name)}</span>
              <span>{t("moving.near", { value: format.percent(all === 0 ? 0 : (100 * ends) / all) })}</span>
            </figcaption>
            <svg
              viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
              role="img"
              aria-label={t("moving.near", { value: format.percent(all === 0 ? 0 : (100 * ends) / all) })}
            >
              {Array.from({ length: ticks }, (_, i) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: levels are a fixed sequence
                <line key={i} x1={x(i / (ticks - 1))} x2={x(i / (ticks - 1))} y1={2} y2={HEIGHT - 2} className={styles.level} />
              ))}
              {/* One path for all dots of a kind: hundreds of elements that move at every message would be the page's main work. */}
              <path d={pathOf(dots, x, false)} className={styles.soft} />
              <path d={pathOf(dots, x, true)} className={styles.settled} />
            </svg>
          </figure>
        );
      })}
    </section>
  );
}

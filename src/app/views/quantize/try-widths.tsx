/**
 * Before anything runs: a width to drag from 8 to 2 bit, what the network is then as large as and how many images it still gets
 * right, and twelve of them with what it calls them. In a run the pictures turn right again as units finish.
 */
import { Check, X } from "lucide-react";
import { memo, useEffect } from "react";
import { useTranslation } from "react-i18next";
import type { Recipe } from "../../../session/recipe/recipe";
import type { WatchedImages } from "../../../session/worker/events";
import { useFormat } from "../../i18n/format";
import { RunButton } from "../../shell/header";
import { useLab, useView } from "../../state/react";
import { isBusy } from "../../state/view";
import { Picture } from "../../ui/picture";
import { Slider } from "../../ui/slider";
import { quoted } from "./story";
import styles from "./try-widths.module.css";
import { useIsCurrent } from "./use-current";

/** Each part draws itself anew when what it shows has changed: a unit that finishes moves no slider. */
export function TryWidths(): React.ReactNode {
  const { t } = useTranslation("quantize");
  useOwnLook();
  return (
    <section className={styles.try} aria-label={t("try.label")}>
      <div className={styles.controls}>
        <WidthSlider />
        <Facts />
        <div className={styles.deed}>
          <RunButton />
          <Sample />
        </div>
      </div>
      <Pictures />
    </section>
  );
}

const WidthSlider = memo(function WidthSlider(): React.ReactNode {
  const { t } = useTranslation("quantize");
  const weights = useLab((lab) => lab.recipe.weights);
  const change = useLab((lab) => lab.change);
  const busy = useLab((lab) => isBusy(lab.view.state));
  return (
    <Slider
      label={t("try.slider")}
      value={weights.bits}
      min={2}
      max={8}
      isDisabled={busy}
      output={hasOwnWidths(weights) ? t("sentence.mixed") : t("axis.bits", { bits: weights.bits })}
      ticks={[2, 3, 4, 5, 6, 7, 8].map((bits) => [bits, String(bits)])}
      onChange={(bits) => change({ weights: { ...weights, bits, assignment: null } })}
    />
  );
});

/** How large the network is then, and how many images it gets right. */
function Facts(): React.ReactNode {
  const { t } = useTranslation("quantize");
  const format = useFormat();
  const weights = useLab((lab) => lab.recipe.weights);
  const glimpses = useLab((lab) => lab.view.glimpses);
  const network = useLab((lab) => lab.view.network);
  const shown = useShown();
  const full = glimpses.find((glimpse) => glimpse.bits === 32);
  const throughout = hasOwnWidths(weights) ? undefined : glimpses.find((glimpse) => glimpse.bits === weights.bits);
  const size = shown.bytes ?? throughout?.bytes ?? null;
  return (
    <dl className={styles.facts}>
      <div>
        <dt>{t("try.size")}</dt>
        <dd>{size === null ? "…" : format.bytes(size)}</dd>
        <dd className={styles.from}>{network ? t("try.from", { value: format.bytes(full?.bytes ?? network.parameters * 4) }) : ""}</dd>
      </div>
      <div>
        <dt>{shown.which === "method" ? t("try.rebuilt") : t("try.nearest")}</dt>
        <dd className={shown.which === "method" ? styles.method : styles.nearest}>
          {shown.accuracy === null ? "…" : format.percent(shown.accuracy)}
        </dd>
        <dd className={styles.from}>{shown.full !== null ? t("try.of", { value: format.percent(shown.full) }) : ""}</dd>
      </div>
    </dl>
  );
}

/** On how many images the figures stand, where it is not all of them. */
function Sample(): React.ReactNode {
  const { t } = useTranslation("quantize");
  const { images, count, judged } = useShown();
  return <span className={styles.note}>{images && !judged ? t("try.sample", { count, of: images.of }) : ""}</span>;
}

function hasOwnWidths({ assignment, overrides }: Recipe["weights"]): boolean {
  return assignment !== null || overrides !== undefined;
}

/** Has widths of single layers looked at where nothing shows them yet: a link, a search or a file may have brought them. */
function useOwnLook(): void {
  const weights = useLab((lab) => lab.recipe.weights);
  const wanted = useLab(({ view }) => hasOwnWidths(weights) && view.state === "ready" && view.watched !== null && view.score === null);
  const score = useLab((lab) => lab.score);
  useEffect(() => {
    if (wanted) score();
  }, [wanted, score]);
}

interface Shown {
  readonly images: WatchedImages | null;
  /** How many images the figures are of, where it is not all of them. */
  readonly count: number;
  readonly predictions: readonly string[];
  readonly accuracy: number | null;
  /** At full precision, on the same images. */
  readonly full: number | null;
  readonly bytes: number | null;
  readonly which: "nearest" | "method";
  /** Whether the figures are of all images, at a run's end. */
  readonly judged: boolean;
}

/** What the pictures show: nearest rounding at the form's width, or the network of the run as far as it is. */
function useShown(): Shown {
  const view = useView("watched", "glimpses", "soFar", "accuracy", "report", "score");
  const weights = useLab((lab) => lab.recipe.weights);
  const isCurrent = useIsCurrent();
  const { watched: images, glimpses, soFar, accuracy, report } = view;
  const last = isCurrent ? soFar.findLast(({ method }) => method === "quantized") : undefined;
  const whole = glimpses.find(({ bits }) => bits === 32);
  const sampled = whole ? quoted(whole.accuracy) : null;
  if (last)
    return {
      images,
      count: last.accuracy.images,
      predictions: last.predictions,
      accuracy: quoted(accuracy.quantized ?? last.accuracy),
      full: quoted(accuracy.quantized && accuracy.fullPrecision ? accuracy.fullPrecision : last.full),
      bytes: report?.size?.quantized ?? null,
      which: "method",
      judged: accuracy.quantized !== undefined,
    };
  // Widths of single layers are no width throughout: they have a look of their own.
  const look = hasOwnWidths(weights) ? view.score : glimpses.find(({ bits }) => bits === weights.bits);
  return {
    images,
    count: images?.count ?? 0,
    predictions: look?.predictions ?? [],
    accuracy: look ? quoted(look.accuracy) : null,
    full: sampled,
    bytes: look?.bytes ?? null,
    which: "nearest",
    judged: false,
  };
}

function Pictures(): React.ReactNode {
  const { t } = useTranslation("quantize");
  const { images, predictions } = useShown();
  const full = useLab((lab) => lab.view.glimpses.find(({ bits }) => bits === 32)?.predictions);
  // Twelve have their place before they are chosen.
  const places = images && images.shown.length > 0 ? images.shown : Array.from({ length: 12 }, () => null);
  return (
    <ul className={styles.pictures} aria-label={t("try.pictures")}>
      {places.map((image, i) => {
        const says = predictions[i];
        const right = image?.label ?? full?.[i];
        const wrong = says !== undefined && right !== undefined && says !== right;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: the places of the pictures stay
          <li key={i} className={wrong ? styles.wrong : styles.right} data-wrong={wrong}>
            {image ? <Picture picture={image} label={right ?? t("try.picture")} /> : <div className={styles.blank} />}
            {says === undefined ? null : (
              <span className={styles.mark}>{wrong ? <X aria-label={t("try.wrong")} /> : <Check aria-label={t("try.right")} />}</span>
            )}
            <span className={styles.says} title={says}>
              {says ?? "\u00a0"}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

/** The one sentence: what is at stake, and where the run stands. */
import { Trans, useTranslation } from "react-i18next";
import { METHOD_CATALOG } from "../../../quantize/methods/catalog";
import { verdictOf } from "../../../session/run/verdict";
import { useFormat } from "../../i18n/format";
import { useHindrance } from "../../shell/header";
import { useDoing } from "../../shell/status";
import { useLab, useView } from "../../state/react";
import styles from "./sentence.module.css";
import { storyOf } from "./story";
import { useIsCurrent } from "./use-current";
import { useVerdictText } from "./verdict";

export function Sentence(): React.ReactNode {
  const { t } = useTranslation("quantize");
  const format = useFormat();
  const view = useView("state", "accuracy", "glimpses", "soFar", "score", "units", "network", "recipe", "report");
  const recipe = useLab((lab) => lab.recipe);
  const isCurrent = useIsCurrent();
  const hindrance = useHindrance();
  const say = useVerdictText();
  const doing = useDoing();
  const shown = isCurrent && view.recipe ? view.recipe : recipe;
  const mixed = shown.weights.assignment !== null || shown.weights.overrides !== undefined;
  const story = storyOf(view, mixed ? null : shown.weights.bits, isCurrent);
  const bits = mixed ? t("sentence.mixed") : t("sentence.bits", { bits: shown.weights.bits });
  const values = {
    bits,
    full: format.percent(story.full ?? 0),
    nearest: format.percent(story.nearest ?? 0),
    method: format.percent(story.method ?? 0),
    title: METHOD_CATALOG[shown.method].title,
    ...{ done: story.done, of: story.of },
  };
  const parts = { b: <b />, n: <b className={styles.nearest} />, m: <b className={styles.method} /> };
  const key =
    story.stage === "unknown"
      ? "unknown"
      : story.nearest === null
        ? "fullOnly"
        : story.stage === "during" && story.method === null
          ? "starting"
          : story.stage;
  const verdict = story.stage === "after" && view.report ? say(verdictOf(view.report)) : null;
  return (
    <div className={styles.sentence}>
      <h2
        className={styles.text}
        data-testid="sentence"
        data-stage={story.stage}
        data-fullprecision={story.full}
        data-nearest={story.nearest}
        data-quantized={story.method}
      >
        <Trans t={t} i18nKey={`sentence.${key}`} values={values} components={parts} />
      </h2>
      <p className={styles.sub}>
        {hindrance ??
          verdict ??
          (story.stage === "unknown" && doing !== ""
            ? `${doing} …`
            : story.labelled
              ? t(`sentence.sub.${story.stage}`)
              : t("sentence.sub.agreement"))}
      </p>
    </div>
  );
}

/** The kept runs, newest first: chosen, starred and renamed where they stand. */
import { Star } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { METHOD_CATALOG } from "../../../quantize/methods/catalog";
import type { Accuracy } from "../../../session/run/report";
import { useFormat } from "../../i18n/format";
import { runs, useRuns } from "../../runs/live";
import { bitsOf, type KeptRun, LONGEST_NAME } from "../../runs/record";
import { Button } from "../../ui/button";
import table from "../../ui/table.module.css";
import styles from "./compare.module.css";

export function RunsTable(): React.ReactNode {
  const { t } = useTranslation("compare");
  const kept = useRuns((state) => state.runs);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
    <section className={`${table.scroll} ${styles.runs}`} tabIndex={0} aria-label={t("runs.title")}>
      <table className={table.table} data-runs={kept.length}>
        <thead>
          <tr>
            <th scope="col">{t("runs.choose")}</th>
            <th scope="col" className={styles.name}>
              {t("runs.name")}
            </th>
            <th scope="col">{t("runs.date")}</th>
            <th scope="col">{t("runs.network")}</th>
            <th scope="col">{t("runs.bits")}</th>
            <th scope="col">{t("runs.method")}</th>
            <th scope="col">{t("runs.full")}</th>
            <th scope="col">{t("runs.nearest")}</th>
            <th scope="col">{t("runs.quantized")}</th>
            <th scope="col">{t("runs.size")}</th>
            <th scope="col">{t("runs.seconds")}</th>
            <th scope="col">{t("runs.fingerprint")}</th>
          </tr>
        </thead>
        <tbody>
          {kept.map((run) => (
            <RunRow key={run.id} run={run} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function RunRow({ run }: { readonly run: KeptRun }): React.ReactNode {
  const { t } = useTranslation("compare");
  const format = useFormat();
  const chosen = useRuns((state) => state.chosen.includes(run.id));
  const { choose, star } = runs.getState();
  const { recipe, accuracy, size, seconds, fingerprint } = run.report;
  const percent = ({ top1, agreement }: Accuracy) =>
    top1 === null ? t("runs.agreementMark", { value: format.percent(agreement, 2) }) : format.percent(top1, 2);
  return (
    <tr className={chosen ? styles.chosen : ""}>
      <td>
        <label className={styles.tick}>
          <input
            type="checkbox"
            checked={chosen}
            aria-label={t("runs.chooseRun", { name: run.name })}
            onChange={(event) => choose(run.id, event.target.checked)}
          />
        </label>
      </td>
      <th scope="row" className={styles.name}>
        <div className={styles.named}>
          <Button
            look="quiet"
            aria-label={t(run.star ? "runs.unstar" : "runs.star", { name: run.name })}
            aria-pressed={run.star}
            onPress={() => star(run.id, !run.star)}
          >
            <Star aria-hidden className={run.star ? styles.starred : ""} />
          </Button>
          <RunName run={run} />
          {run.experiment ? <span className={styles.from}>{t("runs.experiment", { title: run.experiment })}</span> : null}
        </div>
      </th>
      <td className={styles.wraps}>{format.date(new Date(run.date))}</td>
      <td className={styles.wraps}>{recipe.model.name}</td>
      <td>{bitsOf(recipe)}</td>
      <td>{METHOD_CATALOG[recipe.method].title}</td>
      <td>{percent(accuracy.fullPrecision)}</td>
      <td className={table.nearest}>{percent(accuracy.nearest)}</td>
      <td className={table.method}>{percent(accuracy.quantized)}</td>
      <td>{size ? format.bytes(size.quantized) : "–"}</td>
      <td>{seconds.total === undefined ? "–" : format.duration(seconds.total)}</td>
      <td>
        <code>{fingerprint.rounding.slice(0, 8)}</code>
      </td>
    </tr>
  );
}

/** The name, to be changed where it stands: Enter or leaving it keeps what is typed, Escape what was there. */
function RunName({ run }: { readonly run: KeptRun }): React.ReactNode {
  const { t } = useTranslation("compare");
  const [draft, setDraft] = useState<string | null>(null);
  if (draft === null)
    return (
      <Button look="quiet" aria-label={t("runs.rename", { name: run.name })} onPress={() => setDraft(run.name)}>
        {run.name}
      </Button>
    );
  const keep = () => {
    runs.getState().rename(run.id, draft);
    setDraft(null);
  };
  return (
    <input
      className={styles.rename}
      // biome-ignore lint/a11y/noAutofocus: it stands where the button was that had the focus
      autoFocus
      aria-label={t("runs.nameOf", { name: run.name })}
      value={draft}
      maxLength={LONGEST_NAME}
      onChange={(event) => setDraft(event.target.value)}
      onBlur={keep}
      onKeyDown={(event) => {
        if (event.key === "Enter") keep();
        else if (event.key === "Escape") setDraft(null);
      }}
    />
  );
}

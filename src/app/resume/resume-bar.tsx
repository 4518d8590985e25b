/** Offers to go on with work that was interrupted, says which files that needs, and what another tab is at. */
import { Play, Trash2, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import type { KeptWork } from "../../session/checkpoint/work-database";
import type { FileRole } from "../../session/inputs/sources";
import { recipeOf } from "../../session/worker/protocol";
import styles from "../host/host-bar.module.css";
import { useFormat } from "../i18n/format";
import { nameOf } from "../runs/record";
import { useLab } from "../state/react";
import { isBusy } from "../state/view";
import { Button } from "../ui/button";
import { interrupted } from "./interrupted";

export function ResumeBar(): React.ReactNode {
  const { t } = useTranslation("resume");
  const work = useStore(interrupted, ({ works }) => works[0] ?? null);
  const elsewhere = useStore(interrupted, (state) => state.elsewhere);
  const putAside = useStore(interrupted, (state) => state.putAside);
  const busy = useLab(({ view }) => isBusy(view.state));
  if (busy) return null;
  if (work) return <Offer work={work} key={work.id} />;
  if (!elsewhere) return null;
  return (
    <aside className={styles.bar} aria-label={t("label")} data-resume="elsewhere">
      <p role="status">{t("elsewhere", { name: nameOf(recipeOf(elsewhere.job)) })}</p>
      <Button look="quiet" aria-label={t("dismiss")} onPress={() => putAside(elsewhere.id)}>
        <X aria-hidden />
      </Button>
    </aside>
  );
}

function Offer({ work }: { readonly work: KeptWork }): React.ReactNode {
  const { t } = useTranslation("resume");
  const format = useFormat();
  const goOnWith = useLab((lab) => lab.goOnWith);
  const files = useLab((lab) => lab.files);
  const { discard, putAside } = interrupted.getState();
  const missing = missingFiles(work).filter(([role, name]) => files[role] !== name);
  const name = nameOf(recipeOf(work.job));
  const at = work.at && { unit: work.at.unit, iteration: work.at.iteration === null ? "" : format.count(work.at.iteration) };
  return (
    <aside className={styles.bar} aria-label={t("label")} data-resume={work.job.kind}>
      <p role="status">
        {t(`what.${work.job.kind}`, { name, date: format.date(work.kept) })}{" "}
        {at === null ? t("at.start") : t(at.iteration === "" ? "at.unit" : "at.iteration", at)}{" "}
        {missing.length > 0 ? <b>{t("missing", { names: missing.map(([, file]) => file).join(", ") })}</b> : null}
      </p>
      <Button
        look="primary"
        onPress={() => {
          if (goOnWith(work)) putAside(work.id);
        }}
      >
        <Play aria-hidden />
        {t("goOn")}
      </Button>
      <Button onPress={() => void discard(work.id)}>
        <Trash2 aria-hidden />
        {t("discard")}
      </Button>
      <Button look="quiet" aria-label={t("later")} onPress={() => putAside(work.id)}>
        <X aria-hidden />
      </Button>
    </aside>
  );
}

/** Files that were too large to keep, by their roles. */
function missingFiles({ given }: KeptWork): [FileRole, string][] {
  return Object.entries(given).flatMap(([role, sent]) => (sent.files === null ? [[role as FileRole, sent.name] as [FileRole, string]] : []));
}

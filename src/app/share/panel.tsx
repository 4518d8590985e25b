/**
 * A shared result that was opened: who computed it on what, its numbers, its settings in a few words, what is needed to have it again,
 * and, after the run, whether it came out the same. It stays while the form moves on, says so, and offers the way back.
 */
import { Play, X } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { ARITHMETIC_VERSION } from "../../session/share/arithmetic";
import { compareResults } from "../../session/share/compare";
import { hasPayload } from "../../session/share/payload-kinds";
import { differingSettings } from "../../session/share/settings";
import { useFormat } from "../i18n/format";
import { neededFiles, type OpenedFile, type OpenedRun } from "../state/opened";
import { useLab } from "../state/react";
import { isBusy } from "../state/view";
import { Button } from "../ui/button";
import { hostNamed, useFetching } from "./fetching";
import { NeededList } from "./needed-list";
import { Numbers } from "./numbers";
import { Outcome } from "./outcome";
import styles from "./shared-result.module.css";
import { networkName, useRecipeWords } from "./words";

export interface PanelProps {
  readonly opened: OpenedRun;
}

export function Panel({ opened }: PanelProps): React.ReactNode {
  const { t } = useTranslation("share");
  const close = useLab((lab) => lab.closeOpened);
  const { run, file } = opened;
  const words = useRecipeWords(run);
  const title = file && run.fingerprint ? t("opened.titleFile", { file: file.name }) : run.fingerprint ? t("opened.title") : t("opened.titleRecipe");
  return (
    <section className={styles.panel} aria-label={t("opened.label")}>
      <div className={styles.head}>
        <div>
          <h2>{title}</h2>
          <p className={styles.dim}>
            <ByWhom run={run} />
          </p>
        </div>
        <Button look="quiet" aria-label={t("opened.close")} onPress={close}>
          <X aria-hidden />
        </Button>
      </div>
      <Numbers run={run} />
      <p>
        {t("opened.recipe")}: {words.join(", ")}.
      </p>
      {run.fingerprint && run.arithmetic !== ARITHMETIC_VERSION ? (
        <p className={styles.note}>{t("opened.arithmetic", { version: run.arithmetic, own: ARITHMETIC_VERSION })}</p>
      ) : null}
      <Rerun opened={opened} />
    </section>
  );
}

function ByWhom({ run: { headline, fingerprint, recipe } }: Pick<OpenedRun, "run">): React.ReactNode {
  const { t } = useTranslation("share");
  const format = useFormat();
  const network = networkName(recipe);
  if (!fingerprint) return t("opened.onlyRecipe", { network });
  if (!headline) return t("opened.oldLink");
  const device = headline.device.description;
  return headline.date === null
    ? t("opened.by", { network, device })
    : t("opened.byDate", { network, device, date: format.day(new Date(`${headline.date}T12:00`)) });
}

/** What is missing, the button that has the result again, and what came out. */
function Rerun({ opened: { run, file } }: { readonly opened: OpenedRun }): React.ReactNode {
  const { t } = useTranslation("share");
  const recipe = useLab((lab) => lab.recipe);
  const files = useLab((lab) => lab.files);
  const report = useLab((lab) => lab.view.report);
  const busy = useLab((lab) => isBusy(lab.view.state));
  const ready = useLab((lab) => lab.view.network !== null);
  const start = useLab((lab) => lab.run);
  const change = useLab((lab) => lab.change);
  const back = useLab((lab) => lab.backToOpened);
  const dismiss = useLab((lab) => lab.dismissError);
  const failed = useLab((lab) => (lab.complaint ?? lab.view.error) !== null);
  const fetching = useFetching();
  const [wanted, setWanted] = useState(false);
  const moved = run.widths ? [] : differingSettings(recipe, run.recipe);
  const needed = neededFiles(recipe, files);
  const hosts = [...new Set(needed.flatMap((one) => hostNamed(one) ?? []))];
  const fetchable = needed.every((one) => hostNamed(one) !== null);
  const isWhole = ready && needed.length === 0 && run.widths === null;
  // A click may come before the network is drawn, or begin with fetching: it runs as soon as all is there.
  useEffect(() => {
    if (!wanted) return;
    if (failed) setWanted(false);
    else if (isWhole && !busy) {
      setWanted(false);
      start();
    }
  }, [wanted, failed, isWhole, busy, start]);

  if (moved.length > 0)
    return (
      <p className={styles.moved} role="status">
        {t("run.moved", { fields: moved.join(", ") })}{" "}
        <Button look="quiet" onPress={back} isDisabled={busy}>
          {t("run.back")}
        </Button>
      </p>
    );
  const isRerun = report !== null && !busy && differingSettings(report.recipe, run.recipe).length === 0;
  const comparison = isRerun ? compareResults(run, report) : null;
  if (comparison)
    return (
      <>
        <Outcome comparison={comparison} />
        {file && comparison.kind === "reproduced" ? <FileWeights file={file} /> : null}
      </>
    );
  const noGpu = recipe.device === "webgpu" && !("gpu" in navigator);
  const go = async () => {
    dismiss();
    if (needed.length > 0 && !(await fetching.fetch(needed))) return;
    setWanted(true);
  };
  const verb = run.fingerprint ? t("run.reproduce") : t("run.runSettings");
  return (
    <>
      <NeededList needed={needed} fetching={fetching} />
      {noGpu ? <p className={styles.note}>{t("run.noGpu")}</p> : null}
      <div className={styles.deeds}>
        {noGpu ? <Button onPress={() => change({ device: "wasm" })}>{t("run.onWasm")}</Button> : null}
        {noGpu ? null : (
          <Button look="primary" isDisabled={busy || wanted || !fetchable || fetching.now !== null} onPress={() => void go()}>
            <Play aria-hidden />
            {busy || wanted ? t("run.running") : hosts.length > 0 ? t("run.fetchAndRun", { hosts: hosts.join(", ") }) : verb}
          </Button>
        )}
      </div>
    </>
  );
}

/** Whether the file holds the very weights of the run that reproduced it. */
function FileWeights({ file }: { readonly file: OpenedFile }): React.ReactNode {
  const { t } = useTranslation("share");
  const listen = useLab((lab) => lab.listen);
  const check = useLab((lab) => lab.checkOpenedFile);
  const [same, setSame] = useState<boolean | null>(null);
  useEffect(() => {
    const end = listen((events) => {
      for (const event of events) if (event.type === "checked") setSame(event.same);
    });
    check();
    return end;
  }, [listen, check]);
  if (!hasPayload(file.kind)) return <p className={styles.note}>{t("file.noWeights", { file: file.name })}</p>;
  if (same === null) return null;
  return (
    <p className={same ? styles.good : styles.otherwise} role="status" data-weights={same ? "same" : "other"}>
      {t(same ? "file.weightsSame" : "file.weightsDiffer", { file: file.name })}
    </p>
  );
}

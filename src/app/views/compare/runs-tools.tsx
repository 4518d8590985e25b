/** What is done with kept runs: given away and taken in as one file, deleted and brought back; and what the storage says. */
import { FileDown, FileUp, Trash2, Undo2 } from "lucide-react";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { RunsFileProblem } from "../../runs/file";
import { runs, useRuns } from "../../runs/live";
import type { KeptRun } from "../../runs/record";
import { Button } from "../../ui/button";
import { save } from "../../ui/save";
import styles from "./compare.module.css";

type Said = { readonly added: number; readonly known: number } | { readonly problem: RunsFileProblem };

export function RunsTools(): React.ReactNode {
  const { t } = useTranslation("compare");
  const kept = useRuns((state) => state.runs);
  const chosen = useRuns((state) => state.chosen);
  const deleted = useRuns((state) => state.deleted);
  const storage = useRuns((state) => state.storage);
  const unknown = useRuns((state) => state.unknown);
  const [said, setSaid] = useState<Said | null>(null);
  const file = useRef<HTMLInputElement>(null);
  const picked = kept.filter(({ id }) => chosen.includes(id));
  const give = async (some: readonly KeptRun[]) => {
    const { FILE_ENDING, writeRuns } = await import("../../runs/file");
    const name = some.length === 1 ? (some[0] as KeptRun).name.replaceAll(/[^\p{L}\p{N}.]+/gu, "-") : "runs";
    save(`${name}${FILE_ENDING}`, "application/json", writeRuns(some));
  };
  const take = async (given: File) => {
    const { MOST_CHARACTERS, RunsFileError, readRuns } = await import("../../runs/file");
    try {
      // A file that is far too large is not even read.
      if (given.size > 4 * MOST_CHARACTERS)
        throw new RunsFileError({ kind: "large", megabytes: Math.ceil(given.size / 2 ** 20), most: MOST_CHARACTERS / 2 ** 20 });
      setSaid(runs.getState().add(readRuns(await given.text())));
    } catch (error) {
      if (!(error instanceof RunsFileError)) throw error;
      setSaid({ problem: error.problem });
    }
  };
  return (
    <div className={styles.tools}>
      <div className={styles.buttons}>
        <Button isDisabled={kept.length === 0} onPress={() => give(picked.length > 0 ? picked : kept)}>
          <FileDown aria-hidden />
          {picked.length > 0 ? t("runs.export") : t("runs.exportAll")}
        </Button>
        <Button onPress={() => file.current?.click()}>
          <FileUp aria-hidden />
          {t("runs.import")}
        </Button>
        <input
          ref={file}
          type="file"
          accept=".json,application/json"
          hidden
          aria-label={t("runs.import")}
          data-testid="import-runs"
          onChange={(event) => {
            const [given] = event.target.files ?? [];
            event.target.value = "";
            if (given) void take(given);
          }}
        />
        <Button isDisabled={picked.length === 0} onPress={() => runs.getState().remove(chosen)}>
          <Trash2 aria-hidden />
          {t("runs.delete")}
        </Button>
        <Button look="quiet" isDisabled={picked.length === 0} onPress={() => runs.getState().clear()}>
          {t("runs.clear")}
        </Button>
      </div>
      <div role="status" className={styles.status}>
        {said && "added" in said ? (
          <p>
            {t("runs.imported", { count: said.added })}
            {said.known > 0 ? `, ${t("runs.known", { count: said.known })}` : ""}
          </p>
        ) : null}
        {deleted.length > 0 ? (
          <p>
            {t("runs.deleted", { count: deleted.length })}{" "}
            <Button look="quiet" onPress={() => runs.getState().undo()}>
              <Undo2 aria-hidden />
              {t("runs.undo")}
            </Button>
          </p>
        ) : null}
        {storage === "refused" || storage === "newer" || storage === "full" ? <p className={styles.warning}>{t(`runs.storage.${storage}`)}</p> : null}
        {unknown > 0 ? <p className={styles.warning}>{t("runs.unknown", { count: unknown })}</p> : null}
      </div>
      {said && "problem" in said ? (
        <p role="alert" className={styles.bad}>
          <Problem problem={said.problem} />
        </p>
      ) : null}
    </div>
  );
}

function Problem({ problem }: { readonly problem: RunsFileProblem }): React.ReactNode {
  const { t } = useTranslation("compare");
  switch (problem.kind) {
    case "large":
      return t("runs.problem.large", { megabytes: problem.megabytes, most: problem.most });
    case "newer":
      return t("runs.problem.newer", { version: problem.version });
    case "invalid":
      return t("runs.problem.invalid", { where: problem.where, what: problem.what });
    default:
      return t(`runs.problem.${problem.kind}`);
  }
}

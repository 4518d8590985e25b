/** An experiment that is more than one machine should do: its file, and the commands that share it out (docs/machines.md). */
import { useTranslation } from "react-i18next";
import type { Experiment } from "../../../session/experiments/experiment";
import { planCommand } from "../../../session/share/command";
import { Copied } from "../../share/copied";
import { Button } from "../../ui/button";
import { save } from "../../ui/save";
import styles from "./compare.module.css";

const FILE = "experiment.json";

export function Elsewhere({ experiment }: { readonly experiment: Experiment }): React.ReactNode {
  const { t } = useTranslation("compare");
  const lines = [planCommand(FILE, experiment.recipe), "npx brecq-lab run sweep", "npx brecq-lab merge sweep"];
  return (
    <div className={styles.elsewhere}>
      <p className={styles.dim}>{t("experiments.elsewhereHelp")}</p>
      <Button onPress={() => save(FILE, "application/json", `${JSON.stringify(experiment, null, 2)}\n`)}>
        {t("experiments.saveFile", { file: FILE })}
      </Button>
      <Copied label={t("experiments.commands")} text={lines.join("\n")} rows={lines.length} testId="plan-commands" />
    </div>
  );
}

/** A goal in the place of settings: its fields, the button that sets out for it, and under it what came of it. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { MOST_TRIES } from "../../session/fit/settings";
import { useHindrance } from "../shell/header";
import { useLab } from "../state/react";
import { isBusy } from "../state/view";
import { Button } from "../ui/button";
import { NumberField } from "../ui/number-field";
import { Section } from "../ui/section";
import { Segments } from "../ui/segments";
import { WidthBoxes } from "../ui/width-boxes";
import styles from "./goal.module.css";
import { fitSettings, GOAL_DEFAULTS, type GoalFields, parsedSize, suggestedSize } from "./goal-fields";
import { GoalResult } from "./goal-result";

export function GoalPanel(): React.ReactNode {
  const { t } = useTranslation("goal");
  const busy = useLab((lab) => isBusy(lab.view.state));
  const parameters = useLab((lab) => lab.view.network?.parameters);
  const reach = useLab((lab) => lab.fit);
  const hindrance = useHindrance();
  const [own, setOwn] = useState<Partial<GoalFields>>({});
  const fields: GoalFields = { ...GOAL_DEFAULTS, ...(parameters === undefined ? {} : { size: suggestedSize(parameters) }), ...own };
  const change = (next: Partial<GoalFields>) => setOwn({ ...own, ...next });
  return (
    <section className={styles.goal} aria-label={t("label")}>
      <p className={styles.note}>{t("intro")}</p>
      <Segments
        label={t("kind")}
        value={fields.kind}
        options={[
          ["size", t("size")],
          ["loss", t("loss")],
        ]}
        isDisabled={busy}
        onChange={(kind) => change({ kind })}
      />
      {fields.kind === "size" ? (
        <NumberField
          key="size"
          label={t("sizeField")}
          help={t("sizeHelp")}
          value={fields.size}
          isDisabled={busy}
          inputMode="text"
          format={(text) => text}
          parse={parsedSize}
          onChange={(size) => change({ size })}
        />
      ) : (
        <NumberField
          key="loss"
          label={t("lossField")}
          help={t("lossHelp")}
          value={fields.points}
          isDisabled={busy}
          format={String}
          parse={within(0, 100, false, t("lossError"))}
          onChange={(points) => change({ points })}
        />
      )}
      <Section title={t("more")} summary={fields.training === "quick" ? t("quick") : t("own")}>
        <Segments
          label={t("training")}
          help={t("trainingHelp")}
          value={fields.training}
          options={[
            ["quick", t("quick")],
            ["own", t("own")],
          ]}
          isDisabled={busy}
          onChange={(training) => change({ training })}
        />
        <WidthBoxes
          label={t("bits")}
          chosen={fields.bits}
          error={fields.bits.length === 0 ? t("bitsError") : null}
          isDisabled={busy}
          onChange={(bits) => change({ bits })}
        />
        <NumberField
          label={t("tries")}
          help={t("triesHelp")}
          value={fields.tries}
          isDisabled={busy}
          inputMode="numeric"
          format={String}
          parse={within(1, MOST_TRIES, true, t("triesError", { most: MOST_TRIES }))}
          onChange={(tries) => change({ tries })}
        />
      </Section>
      <Button look="primary" wide isDisabled={busy || hindrance !== null || fields.bits.length === 0} onPress={() => reach(fitSettings(fields))}>
        {t("start")}
      </Button>
      <p className={styles.note}>{hindrance ?? t("hint")}</p>
      <GoalResult />
    </section>
  );
}

/** A parser of numbers in a range. */
function within(low: number, high: number, whole: boolean, error: string): (text: string) => { readonly value: number } | { readonly error: string } {
  return (text) => {
    const value = Number(text);
    const fits = text.trim() !== "" && value >= low && value <= high && (!whole || Number.isInteger(value));
    return fits ? { value } : { error };
  };
}

/**
 * The recipe: settings, or a goal in their place; what most people change always in sight, then sections that fold. A teacher's
 * address may hide any of them (docs/page.md).
 */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { usePlace } from "../state/place";
import { useLab } from "../state/react";
import { Button } from "../ui/button";
import { onDemand } from "../ui/lazy";
import { SegmentBar } from "../ui/segments";
import { ActivationsSection } from "./activations-section";
import { AdvancedSection } from "./advanced-section";
import { useBusy } from "./bound";
import { DataSection } from "./data-section";
import { Notices } from "./notices";
import styles from "./recipe.module.css";
import { ReconstructionSection } from "./reconstruction-section";
import { defaultsFor, differingInAll } from "./settings";
import { TopFields } from "./top-fields";
import { WeightsSection } from "./weights-section";

const GoalPanel = onDemand(async () => (await import("./goal")).GoalPanel);

type Mode = "settings" | "goal";

export function RecipePanel(): React.ReactNode {
  const { t } = useTranslation("recipe");
  const hide = usePlace((place) => place.hide);
  // A fit that was set out for is what one comes back to, also where the panel was closed meanwhile.
  const fitted = useLab((lab) => lab.view.fit !== null);
  const [mode, setMode] = useState<Mode>(fitted ? "goal" : "settings");
  const isGoal = mode === "goal" && !hide.has("goal");
  return (
    <form className={styles.panel} onSubmit={(event) => event.preventDefault()}>
      {hide.has("goal") ? null : (
        <SegmentBar<Mode>
          aria-label={t("mode.label")}
          value={mode}
          options={[
            ["settings", t("mode.settings")],
            ["goal", t("mode.goal")],
          ]}
          onChange={setMode}
        />
      )}
      <Notices />
      {isGoal ? <GoalPanel /> : <TopFields />}
      <div>
        {hide.has("data") ? null : <DataSection />}
        {hide.has("weights") ? null : <WeightsSection />}
        {hide.has("activations") ? null : <ActivationsSection />}
        {hide.has("reconstruction") ? null : <ReconstructionSection />}
        {hide.has("advanced") ? null : <AdvancedSection />}
      </div>
      <ResetAll />
    </form>
  );
}

function ResetAll(): React.ReactNode {
  const { t } = useTranslation("recipe");
  const recipe = useLab((lab) => lab.recipe);
  const change = useLab((lab) => lab.change);
  const busy = useBusy();
  if (differingInAll(recipe) === 0) return null;
  return (
    <Button isDisabled={busy} onPress={() => change(defaultsFor(recipe))}>
      {t("resetAll")}
    </Button>
  );
}

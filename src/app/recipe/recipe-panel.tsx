/**
 * The recipe: what most people change, always in sight, then sections that fold. A teacher's address may hide any of them
 * (docs/page.md). `goal.tsx` is to stand above it all: settings, or a goal in their place.
 */
import { useTranslation } from "react-i18next";
import { usePlace } from "../state/place";
import { useLab } from "../state/react";
import { Button } from "../ui/button";
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

export function RecipePanel(): React.ReactNode {
  const hide = usePlace((place) => place.hide);
  return (
    <form className={styles.panel} onSubmit={(event) => event.preventDefault()}>
      <Notices />
      <TopFields />
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

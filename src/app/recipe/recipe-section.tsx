/** A section of settings: what is set in its summary line, how many differ from their defaults, and the way back for all of them. */
import { useTranslation } from "react-i18next";
import { useLab } from "../state/react";
import { Button } from "../ui/button";
import { Section } from "../ui/section";
import { useBusy } from "./bound";
import { differing, type SettingsSection, sectionReset } from "./settings";

interface RecipeSectionProps {
  readonly section: Exclude<SettingsSection, "top">;
  readonly summary: string;
  readonly children: React.ReactNode;
}

export function RecipeSection({ section, summary, children }: RecipeSectionProps): React.ReactNode {
  const { t } = useTranslation("recipe");
  const recipe = useLab((lab) => lab.recipe);
  const change = useLab((lab) => lab.change);
  const busy = useBusy();
  const count = differing(section, recipe);
  return (
    <Section title={t(`sections.${section}`)} summary={summary} note={count > 0 ? t("changed", { count }) : null}>
      {children}
      {count > 0 ? (
        <div>
          <Button look="quiet" isDisabled={busy} onPress={() => change(sectionReset(section, recipe))}>
            {t("resetSection")}
          </Button>
        </div>
      ) : null}
    </Section>
  );
}

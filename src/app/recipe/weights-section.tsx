/** How weights are quantized: the grid of each layer, and layers that go their own way. */
import { useTranslation } from "react-i18next";
import { useLab } from "../state/react";
import { SettingChoice } from "./bound";
import { OverrideFields } from "./override-fields";
import { RecipeSection } from "./recipe-section";
import { bits, firstLastBits, grid, scale } from "./settings";

const WIDTHS = [2, 3, 4, 5, 6, 7, 8];

export function WeightsSection(): React.ReactNode {
  const { t } = useTranslation("recipe");
  const recipe = useLab((lab) => lab.recipe);
  const { weights } = recipe;
  const own = weights.overrides?.length ?? 0;
  const summary = [
    t(weights.firstLastBits === null ? "weights.firstLast.commonShort" : "weights.firstLast.eightShort"),
    t(`weights.scale.${weights.scale}`),
    t(`weights.grid.${grid.read(recipe)}`),
    ...(own > 0 ? [t("weights.own.short", { count: own })] : []),
  ].join(" · ");
  return (
    <RecipeSection section="weights" summary={summary}>
      <SettingChoice
        setting={bits}
        label={t("weights.every.label")}
        help={t("weights.every.help")}
        options={WIDTHS.map((width) => [width, t("bits", { bits: width })] as const)}
      />
      <SettingChoice
        setting={firstLastBits}
        label={t("weights.firstLast.label")}
        help={t("weights.firstLast.help")}
        options={[
          [8, t("bits", { bits: 8 })],
          [null, t("weights.firstLast.common")],
        ]}
      />
      <OverrideFields />
      <SettingChoice
        setting={scale}
        label={t("weights.scale.label")}
        help={t(`weights.scale.about.${weights.scale}`)}
        options={(["mse", "max", "max_scale", "percentile"] as const).map((name) => [name, t(`weights.scale.${name}`)] as const)}
      />
      <SettingChoice
        setting={grid}
        label={t("weights.grid.label")}
        help={t("weights.grid.help")}
        options={(["channel", "tensor", "channel-symmetric", "tensor-symmetric"] as const).map((name) => [name, t(`weights.grid.${name}`)] as const)}
      />
    </RecipeSection>
  );
}

/** Where and how it is computed, and what is measured besides. */
import { useTranslation } from "react-i18next";
import { useLab } from "../state/react";
import { SettingChoice, SettingNumber, SettingOptionalNumber } from "./bound";
import { RecipeSection } from "./recipe-section";
import * as settings from "./settings";

export function AdvancedSection(): React.ReactNode {
  const { t } = useTranslation("recipe");
  const { seed, device, diagnose } = useLab((lab) => lab.recipe);
  const summary = [t("seed.short", { seed }), t(`device.short.${device}`), ...(diagnose ? [t("diagnose.short")] : [])].join(" · ");
  return (
    <RecipeSection section="advanced" summary={summary}>
      <SettingNumber setting={settings.seed} label={t("seed.label")} help={t("seed.help")} low={0} high={4294967295} whole />
      <SettingChoice
        setting={settings.device}
        label={t("device.label")}
        help={t("device.help")}
        options={(["auto", "wasm", "webgpu"] as const).map((name) => [name, t(`device.${name}`)] as const)}
      />
      <SettingOptionalNumber
        setting={settings.threads}
        label={t("threads.label")}
        help={t("threads.help")}
        low={1}
        high={64}
        none={t("threads.none")}
      />
      <SettingChoice
        setting={settings.cache}
        label={t("cache.label")}
        help={t("cache.help")}
        options={(["f32", "f16"] as const).map((name) => [name, t(`cache.${name}`)] as const)}
      />
      <SettingOptionalNumber
        setting={settings.memory}
        label={t("memory.label")}
        help={t("memory.help")}
        low={1}
        high={1048576}
        none={t("memory.none")}
      />
      <SettingChoice
        setting={settings.diagnose}
        label={t("diagnose.label")}
        help={t("diagnose.help")}
        options={[
          [false, t("diagnose.brief")],
          [true, t("diagnose.units")],
        ]}
      />
    </RecipeSection>
  );
}

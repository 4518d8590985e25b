/** How the values between layers are quantized. */
import { useTranslation } from "react-i18next";
import { METHOD_CATALOG } from "../../quantize/methods/catalog";
import { useLab } from "../state/react";
import { SettingChoice, SettingNumber } from "./bound";
import styles from "./recipe.module.css";
import { RecipeSection } from "./recipe-section";
import { activationBits, activationScale, lastInputBits, scaleIterations, scaleRate } from "./settings";

const SCALES = ["mse-learn", "mse", "max-learn", "max", "percentile-learn", "percentile"] as const;

export function ActivationsSection(): React.ReactNode {
  const { t } = useTranslation("recipe");
  const recipe = useLab((lab) => lab.recipe);
  const { activations, method } = recipe;
  const summary = activations
    ? `${t("bits", { bits: activations.bits })} · ${t(`activations.scale.${activationScale.read(recipe)}`)}`
    : t("activations.offShort");
  const own = activations && activations.scale === "max_scale";
  const learns = activations?.learn && METHOD_CATALOG[method].trains;
  return (
    <RecipeSection section="activations" summary={summary}>
      <SettingChoice
        setting={activationBits}
        label={t("activations.every.label")}
        help={t("activations.every.help")}
        options={[[null, t("activations.full")], ...[8, 7, 6, 5, 4, 3, 2].map((width) => [width, t("bits", { bits: width })] as const)]}
      />
      {activations ? (
        <>
          <SettingChoice
            setting={activationScale}
            label={t("activations.scale.label")}
            help={t("activations.scale.help")}
            options={[...SCALES, ...(own ? (["max_scale-learn", "max_scale"] as const) : [])].map(
              (name) => [name, t(`activations.scale.${name}`)] as const,
            )}
          />
          {learns ? (
            <>
              <SettingNumber
                setting={scaleIterations}
                label={t("activations.iterations.label")}
                help={t("activations.iterations.help")}
                low={1}
                high={100000}
                whole
              />
              <SettingNumber setting={scaleRate} label={t("activations.rate.label")} help={t("activations.rate.help")} low={1e-8} high={1} />
            </>
          ) : null}
          <SettingChoice
            setting={lastInputBits}
            label={t("activations.last.label")}
            help={t("activations.last.help")}
            options={[
              [8, t("bits", { bits: 8 })],
              [null, t("activations.last.common")],
            ]}
          />
        </>
      ) : (
        <p className={styles.note}>{t("activations.offNote")}</p>
      )}
    </RecipeSection>
  );
}

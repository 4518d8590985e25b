/** How a unit is reconstructed: what is minimized, on what, how long and how fast. */
import { useTranslation } from "react-i18next";
import { METHOD_CATALOG } from "../../quantize/methods/catalog";
import { DEPTHWISE_REGULARIZER, matchingRate } from "../../session/recipe/presets";
import { useFormat } from "../i18n/format";
import { useLab } from "../state/react";
import { Button } from "../ui/button";
import { SettingChoice, SettingNumber, useBusy } from "./bound";
import { effortOf } from "./effort";
import { RecipeSection } from "./recipe-section";
import * as settings from "./settings";

const LOSSES = ["mse", "fisher_diag", "fisher_diag_damped", "fisher_full"] as const;

export function ReconstructionSection(): React.ReactNode {
  const { t } = useTranslation("recipe");
  const format = useFormat();
  const recipe = useLab((lab) => lab.recipe);
  const change = useLab((lab) => lab.change);
  const busy = useBusy();
  const depthwise = useLab((lab) => lab.view.network?.units.some(({ layers }) => layers.some(({ kind }) => kind.startsWith("depthwise"))) ?? false);
  const { optimizes, fixedInputs, trains } = METHOD_CATALOG[recipe.method];
  const loss = optimizes === "unit" ? recipe.loss : "mse";
  const rate = matchingRate(recipe.iterations);
  const summary = trains
    ? [
        t(`loss.short.${loss}`),
        t("effort.iterations", { count: recipe.iterations, shown: format.count(recipe.iterations) }),
        t("rate.short", { rate: recipe.learningRate }),
      ].join(" · ")
    : t("noTraining");
  return (
    <RecipeSection section="reconstruction" summary={summary}>
      <SettingChoice
        setting={settings.loss}
        label={t("loss.label")}
        help={t(`loss.about.${loss}`)}
        fixed={optimizes === "unit" ? undefined : "mse"}
        options={LOSSES.map((name) => [name, t(`loss.${name}`)] as const)}
      />
      <SettingChoice
        setting={settings.inputs}
        label={t("inputs.label")}
        help={t("inputs.help")}
        fixed={fixedInputs ? "quantized" : undefined}
        options={(["quantized", "full"] as const).map((name) => [name, t(`inputs.${name}`)] as const)}
      />
      {trains ? (
        <>
          <SettingNumber setting={settings.iterations} label={t("iterations.label")} help={t("iterations.help")} low={1} high={100000} whole />
          <SettingNumber setting={settings.learningRate} label={t("rate.label")} help={t("rate.help")} low={1e-6} high={10} />
          {rate !== recipe.learningRate && effortOf(recipe) === null ? (
            <Button look="quiet" isDisabled={busy} onPress={() => change({ learningRate: rate })}>
              {t("rate.matching", { rate, count: recipe.iterations, shown: format.count(recipe.iterations) })}
            </Button>
          ) : null}
          <SettingNumber setting={settings.regularizer} label={t("regularizer.label")} help={t("regularizer.help")} low={0} high={100} />
          {depthwise && recipe.regularizer === settings.defaultOf(settings.regularizer) ? (
            <Button look="quiet" isDisabled={busy} onPress={() => change({ regularizer: DEPTHWISE_REGULARIZER })}>
              {t("regularizer.depthwise", { value: DEPTHWISE_REGULARIZER })}
            </Button>
          ) : null}
          <SettingChoice
            setting={settings.decay}
            label={t("decay.label")}
            help={t("decay.help")}
            options={(["none", "linear", "cosine"] as const).map((name) => [name, t(`decay.${name}`)] as const)}
          />
          <SettingNumber setting={settings.warmup} label={t("warmup.label")} help={t("warmup.help")} low={0} high={0.99} />
          <SettingNumber setting={settings.exponentFrom} label={t("exponent.from")} help={t("exponent.fromHelp")} low={1} high={100} />
          <SettingNumber setting={settings.exponentTo} label={t("exponent.to")} help={t("exponent.toHelp")} low={1} high={100} />
          <SettingNumber setting={settings.batch} label={t("batch.label")} help={t("batch.help")} low={1} high={1024} whole />
          <SettingChoice
            setting={settings.batches}
            label={t("batches.label")}
            help={t("batches.help")}
            options={(["drawn", "shuffled"] as const).map((name) => [name, t(`batches.${name}`)] as const)}
          />
        </>
      ) : null}
    </RecipeSection>
  );
}

/** A recipe in a few words. */
import { useTranslation } from "react-i18next";
import { METHOD_CATALOG } from "../../quantize/methods/catalog";
import type { Recipe } from "../../session/recipe/recipe";
import type { SharedRun } from "../../session/share/shared";
import { useFormat } from "../i18n/format";

/** What the network is called. */
export function networkName({ model }: Recipe): string {
  return model.name.replace(/\.(onnx|json)$/, "");
}

/** Method, widths, units, iterations, images, seed: the parts of a sentence. */
export function useRecipeWords({ recipe, widths }: Pick<SharedRun, "recipe" | "widths">): string[] {
  const { t } = useTranslation("share");
  const format = useFormat();
  const { weights, activations, method, unit, iterations, calibration, seed } = recipe;
  const { title, trains, optimizes } = METHOD_CATALOG[method];
  const mixed = t("opened.mixed");
  const weightBits = weights.assignment || widths?.weights ? mixed : String(weights.bits);
  const activationBits = activations?.assignment || widths?.activations ? mixed : String(activations?.bits);
  return [
    title,
    activations ? t("opened.widthsBoth", { weights: weightBits, activations: activationBits }) : t("opened.widths", { weights: weightBits }),
    ...(optimizes === "unit" ? [t(`opened.unit.${unit}`)] : []),
    ...(trains ? [t("opened.iterations", { number: format.count(iterations) })] : []),
    calibration.count === null
      ? t("opened.calibrationAll", { name: calibration.name })
      : t("opened.calibration", { number: format.count(calibration.count) }),
    t("opened.seed", { seed }),
  ];
}

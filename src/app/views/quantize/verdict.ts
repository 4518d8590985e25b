/** A run's verdict as a sentence in the page's language, from the numbers that the command line's sentence is made of. */
import { useTranslation } from "react-i18next";
import { change, type Verdict } from "../../../session/run/verdict";
import { useFormat } from "../../i18n/format";

export function useVerdictText(): (verdict: Verdict) => string {
  const { t } = useTranslation("quantize");
  const format = useFormat();
  return ({ kind, measure, size, lost }) => {
    const sizes = size ? t("verdict.sizes", { from: format.bytes(size.fullPrecision), to: format.bytes(size.quantized) }) : "";
    const said = (points: number) => {
      const one = change(points);
      if (measure === "agreement") return t("verdict.changes", { value: format.percent(one.points) });
      return t(`verdict.${one.kind}`, { points: format.percent(one.points).replace(/\s?%/u, "") });
    };
    const words =
      kind === "nearest"
        ? t("verdict.nearest", { own: said(lost.quantized) })
        : t("verdict.method", { nearest: said(lost.nearest), own: said(lost.quantized) });
    return `${sizes}${words}`;
  };
}

/** A fit's verdict as sentences in the page's language, from the numbers that the command line's sentence is made of. */
import { useTranslation } from "react-i18next";
import type { SettledGoal } from "../../session/fit/goal";
import type { FitVerdict } from "../../session/fit/state";
import { change, type Verdict } from "../../session/run/verdict";
import { useFormat } from "../i18n/format";

export interface FitWords {
  goal(goal: SettledGoal): string;
  /** What was lost, without whether the goal is met. */
  result(verdict: Verdict): string;
  sentence(verdict: FitVerdict): string;
}

export function useFitWords(): FitWords {
  const { t } = useTranslation("goal");
  const format = useFormat();
  const goal: FitWords["goal"] = (one) =>
    one.kind === "size" ? t("atMost", { size: format.bytes(one.bytes) }) : t("atMostLost", { points: one.points, count: one.points });
  const result: FitWords["result"] = ({ kind, measure, size, lost }) => {
    const said = (points: number) => {
      const one = change(points);
      if (measure === "agreement") return format.percent(one.points);
      if (one.kind === "same") return t("verdict.same");
      return t(`verdict.${one.kind}`, { points: format.points(one.points).replace("+", ""), count: one.points });
    };
    const words = t(`verdict.${measure}.${kind}`, { nearest: said(lost.nearest), own: said(lost.quantized) });
    return size ? `${t("verdict.sizes", { from: format.bytes(size.fullPrecision), to: format.bytes(size.quantized) })}${words}` : words;
  };
  return {
    goal,
    result,
    sentence: ({ kind, goal: own, best, binding }) => [t(kind, { goal: goal(own) }), result(best), ...(binding ? [] : [t("loose")])].join(" "),
  };
}

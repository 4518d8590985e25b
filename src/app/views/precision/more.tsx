/** What explains a search, folded below it: every sensitivity that was measured, the search as it went, two costs at once, and what came out when all of it was reconstructed. */
import { useTranslation } from "react-i18next";
import type { SensitivityTable } from "../../../search/sensitivity/table";
import type { SearchResult } from "../../../session/search/result";
import { useLab } from "../../state/react";
import { Section } from "../../ui/section";
import { Generations } from "./generations";
import { FisherGrids, SensitivityGrids } from "./grids";
import { SweepPart } from "./sweep";
import { Tradeoff } from "./tradeoff";

export function More({ table, result }: { readonly table: SensitivityTable; readonly result: SearchResult | null }): React.ReactNode {
  const { t } = useTranslation("precision");
  const tradeoff = useLab((lab) => lab.view.tradeoff);
  const fisher = useLab((lab) => lab.view.fisher);
  return (
    <div>
      {result ? (
        <Section title={t("more.sweep")} summary={t("more.sweepSummary")}>
          <SweepPart />
        </Section>
      ) : null}
      {tradeoff ? (
        <Section title={t("more.tradeoff")} summary={t("more.points", { count: tradeoff.points.length })}>
          <Tradeoff tradeoff={tradeoff} />
        </Section>
      ) : null}
      {result ? (
        <Section title={t("more.generations")} summary={t("more.generationsSummary", { count: result.history.length })}>
          <Generations result={result} />
        </Section>
      ) : null}
      <Section title={t("more.sensitivity")} summary={t("more.layers", { count: table.layers.length })}>
        <SensitivityGrids table={table} result={result} />
      </Section>
      {fisher.length > 0 ? (
        <Section title={t("more.fisher")} summary={t("more.blocks", { count: fisher.length })}>
          <FisherGrids profiles={fisher} />
        </Section>
      ) : null}
    </div>
  );
}

/** What comes out of a run, below the network: what to do next, and tabs of what was measured. Before a run, what the weights alone tell. */
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLab } from "../../state/react";
import { NextSteps } from "./next-steps";
import styles from "./outcome.module.css";
import { Warnings } from "./warnings";

// There are none before the network is drawn.
const Tabs = lazy(async () => ({ default: (await import("../../ui/tabs")).Tabs }));
const UnitTable = lazy(async () => ({ default: (await import("./unit-table")).UnitTable }));
const FirstLook = lazy(async () => ({ default: (await import("./first-look")).FirstLookTable }));
const Losses = lazy(async () => ({ default: (await import("../../charts/loss-panel")).LossPanel }));
const ByClass = lazy(async () => ({ default: (await import("./by-class")).ByClass }));
const Samples = lazy(async () => ({ default: (await import("./samples")).Samples }));
const Exports = lazy(async () => ({ default: (await import("./exports")).Exports }));

export function Outcome(): React.ReactNode {
  const { t } = useTranslation("quantize");
  const [chosen, setChosen] = useState<string | null>(null);
  const look = useLab((lab) => lab.view.firstLook);
  const running = useLab((lab) => lab.view.units.length > 0);
  const classes = useLab((lab) => lab.view.classes);
  const samples = useLab((lab) => lab.view.samples.length > 0);
  const report = useLab((lab) => lab.view.report);
  const shown = (element: React.ReactNode) => <Suspense fallback={null}>{element}</Suspense>;
  const tabs = [
    ...(running
      ? [
          { id: "units", title: t("outcome.units"), content: shown(<UnitTable />) },
          { id: "losses", title: t("outcome.losses"), content: shown(<Losses />) },
        ]
      : []),
    ...(classes ? [{ id: "classes", title: t("outcome.classes"), content: shown(<ByClass classes={classes} />) }] : []),
    ...(samples ? [{ id: "samples", title: t("outcome.samples"), content: shown(<Samples />) }] : []),
    ...(report ? [{ id: "exports", title: t("outcome.exports"), content: shown(<Exports report={report} />) }] : []),
    ...(look ? [{ id: "look", title: t("outcome.look"), content: shown(<FirstLook look={look} />) }] : []),
  ];
  // The first that there is, until a person chooses: in a run that is its units.
  const selected = tabs.some(({ id }) => id === chosen) ? chosen : tabs[0]?.id;
  return (
    <section className={styles.outcome} aria-label={t("outcome.label")}>
      <NextSteps />
      <Warnings />
      {selected ? shown(<Tabs label={t("outcome.label")} tabs={tabs} selected={selected} onSelect={setChosen} />) : null}
    </section>
  );
}

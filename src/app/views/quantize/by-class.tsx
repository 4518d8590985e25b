/** Accuracy by class, the worst first, and what is taken for what. */
import Papa from "papaparse";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { METHOD_CATALOG } from "../../../quantize/methods/catalog";
import { ACCURACIES, type AccuracyName } from "../../../session/run/report";
import type { ClassResults } from "../../../session/worker/events";
import { drawnSvg } from "../../charts/drawn";
import { SaveChart } from "../../charts/save-chart";
import { useFormat } from "../../i18n/format";
import { useLab } from "../../state/react";
import { SegmentBar } from "../../ui/segments";
import table from "../../ui/table.module.css";
import styles from "./by-class.module.css";
import { Confusion } from "./confusion";

export function ByClass({ classes }: { readonly classes: ClassResults }): React.ReactNode {
  const { t } = useTranslation("quantize");
  const format = useFormat();
  const method = useLab((lab) => (lab.view.recipe ?? lab.recipe).method);
  const [which, setWhich] = useState<AccuracyName>("quantized");
  const names = { fullPrecision: t("legend.full"), nearest: t("legend.nearest"), quantized: METHOD_CATALOG[method].title };
  const order = classes.names.map((_, i) => i).sort((a, b) => (classes.accuracy.quantized[a] as number) - (classes.accuracy.quantized[b] as number));
  const worst = order[0];
  const drawing = useRef<SVGSVGElement>(null);
  const title = t("classes.confusionOf", { network: names[which] });
  const svg = () => {
    if (!drawing.current) throw new Error("The matrix is not drawn yet");
    return drawnSvg(drawing.current, title);
  };
  return (
    <>
      {worst === undefined ? null : (
        <p className={styles.worst}>
          {t("classes.worst", {
            name: classes.names[worst],
            method: format.percent(classes.accuracy.quantized[worst] as number),
            nearest: format.percent(classes.accuracy.nearest[worst] as number),
            full: format.percent(classes.accuracy.fullPrecision[worst] as number),
          })}
        </p>
      )}
      <div className={styles.both}>
        <div className={styles.list}>
          <table className={table.table}>
            <thead>
              <tr>
                <th scope="col">{t("classes.class")}</th>
                <th scope="col">{t("classes.images")}</th>
                {ACCURACIES.map((name) => (
                  <th key={name} scope="col">
                    {names[name]}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {order.map((i) => (
                <tr key={classes.names[i]}>
                  <th scope="row">{classes.names[i]}</th>
                  <td>{classes.counts[i]}</td>
                  <td>{format.percent(classes.accuracy.fullPrecision[i] as number)}</td>
                  <td className={table.nearest}>{format.percent(classes.accuracy.nearest[i] as number)}</td>
                  <td className={table.method}>{format.percent(classes.accuracy.quantized[i] as number)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        {classes.confusion ? (
          <div>
            <SegmentBar<AccuracyName>
              aria-label={t("classes.network")}
              value={which}
              options={ACCURACIES.map((name) => [name, names[name]] as const)}
              onChange={setWhich}
            />
            <Confusion drawing={drawing} names={classes.names} counts={classes.confusion[which]} title={title} />
            <SaveChart title={title} name={`confusion-${which}`} svg={svg} csv={() => classCsv(classes, which)} />
          </div>
        ) : (
          <p className={table.dim}>{t("classes.tooMany")}</p>
        )}
      </div>
    </>
  );
}

/** A row for each class: its accuracies in percent, and how many of its images are called each class by one network. */
function classCsv({ names, counts, accuracy, confusion }: ClassResults, which: AccuracyName): string {
  const calls = confusion?.[which];
  const rows = names.map((name, i) => ({
    ...{ class: name, images: counts[i] },
    ...Object.fromEntries(ACCURACIES.map((one) => [`${one}_percent`, accuracy[one][i]])),
    ...(calls ? Object.fromEntries(names.map((said, j) => [`called ${said}`, calls[i * names.length + j]])) : {}),
  }));
  return `${Papa.unparse(rows, { newline: "\n" })}\n`;
}

/** Results and recipes of the chosen runs in columns; what differs is marked, by more than colour. */
import Papa from "papaparse";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ACCURACIES } from "../../../session/run/report";
import { change, type Verdict, verdictOf } from "../../../session/run/verdict";
import { arithmeticOf } from "../../../session/share/arithmetic";
import { SaveChart } from "../../charts/save-chart";
import { type Format, useFormat } from "../../i18n/format";
import type { KeptRun } from "../../runs/record";
import { SegmentBar } from "../../ui/segments";
import table from "../../ui/table.module.css";
import styles from "./compare.module.css";
import { type FieldRow, fieldRows } from "./differences";

interface Row {
  readonly key: string;
  readonly label: string;
  readonly values: readonly string[];
}

/** What runs came to, a row each. */
function useResultRows(chosen: readonly KeptRun[]): Row[] {
  const { t } = useTranslation("compare");
  const format = useFormat();
  const percent = (value: number | null) => (value === null ? "–" : format.percent(value, 2));
  const row = (key: string, label: string, of: (run: KeptRun) => string): Row => ({ key, label, values: chosen.map(of) });
  return [
    ...ACCURACIES.map((which) =>
      row(which, t("sides.accuracy", { which: t(`runs.${which === "fullPrecision" ? "full" : which}`) }), ({ report }) =>
        percent(report.accuracy[which].top1),
      ),
    ),
    row("agreement", t("sides.agreement", { which: t("runs.quantized") }), ({ report }) => percent(report.accuracy.quantized.agreement)),
    row("lost", t("sides.lost"), ({ report }) => format.points(-verdictOf(report).lost.quantized)),
    row("images", t("sides.images"), ({ report }) => format.count(report.accuracy.quantized.images)),
    row("worst", t("sides.worst"), (run) => worstOf(run, t, format)),
    row("size", t("runs.size"), ({ report: { size } }) =>
      size ? t("verdict.sizes", { from: format.bytes(size.fullPrecision), to: format.bytes(size.quantized) }) : "–",
    ),
    row("seconds", t("runs.seconds"), ({ report: { seconds } }) => (seconds.total === undefined ? "–" : format.duration(seconds.total))),
    row("device", t("sides.device"), ({ report }) => report.device.description),
    row("warnings", t("sides.warnings"), ({ report }) => format.count(report.warnings.length)),
    row("network_sha", t("sides.network_sha"), ({ report }) => report.fingerprint.rounding),
    row("result_sha", t("sides.result_sha"), ({ report }) => report.fingerprint.result ?? "–"),
    row("arithmetic", t("sides.arithmetic"), ({ report }) => String(arithmeticOf(report))),
    row("app", t("sides.app"), ({ app }) => app),
  ];
}

function worstOf({ classes }: KeptRun, t: ReturnType<typeof useTranslation<"compare">>["t"], format: Format): string {
  if (!classes) return "–";
  // A class without images has no accuracy.
  const judged = classes.accuracy.quantized.flatMap((value, i) => (value === null ? [] : [{ value, name: classes.names[i] as string }]));
  const worst = judged.sort((a, b) => a.value - b.value)[0];
  return worst ? t("sides.worstText", { name: worst.name, value: format.percent(worst.value) }) : "–";
}

export function SideBySide({ chosen }: { readonly chosen: readonly KeptRun[] }): React.ReactNode {
  const { t } = useTranslation("compare");
  const [show, setShow] = useState<"differing" | "all">("differing");
  const results = useResultRows(chosen);
  const fields = fieldRows(chosen.map(({ report }) => report.recipe));
  const alone = chosen.length < 2;
  const shown = alone || show === "all" ? fields : fields.filter(({ differs }) => differs);
  const csv = () =>
    `${Papa.unparse(
      [
        ["", ...chosen.map(({ name }) => name)],
        ...results.map(({ label, values }) => [label, ...values]),
        ...fields.map(({ path, values }) => [path, ...values]),
      ],
      { newline: "\n" },
    )}\n`;
  return (
    <section className={styles.part} aria-label={t("sides.title")}>
      <h3>{t("sides.title")}</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys */}
      <section className={table.scroll} tabIndex={0} aria-label={t("sides.result")}>
        <table className={`${table.table} ${styles.sides}`}>
          <Head first={t("sides.result")} chosen={chosen} />
          <tbody>
            {results.map(({ key, label, values }) => (
              <tr key={key} className={new Set(values).size > 1 ? styles.differs : ""}>
                <th scope="row">{label}</th>
                {chosen.map(({ id }, i) => (
                  <td key={id}>{values[i]}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {alone ? null : (
        <SegmentBar
          aria-label={t("sides.show")}
          value={show}
          options={[
            ["differing", t("sides.differing")],
            ["all", t("sides.all")],
          ]}
          onChange={(next) => setShow(next)}
        />
      )}
      {shown.length === 0 ? (
        <p>{t("sides.same")}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
        <section className={table.scroll} tabIndex={0} aria-label={t("sides.recipe")} data-fields={shown.length}>
          <table className={`${table.table} ${styles.sides}`}>
            <Head first={t("sides.recipe")} chosen={chosen} />
            <tbody>
              {shown.map((row) => (
                <Field key={row.path} row={row} chosen={chosen} absent={t("sides.absent")} />
              ))}
            </tbody>
          </table>
        </section>
      )}
      <SaveChart title={t("sides.save")} name="runs" csv={csv} />
    </section>
  );
}

function Head({ first, chosen }: { readonly first: string; readonly chosen: readonly KeptRun[] }): React.ReactNode {
  return (
    <thead>
      <tr>
        <th scope="col">{first}</th>
        {chosen.map(({ id, name }) => (
          <th key={id} scope="col">
            {name}
          </th>
        ))}
      </tr>
    </thead>
  );
}

function Field({ row, chosen, absent }: { readonly row: FieldRow; readonly chosen: readonly KeptRun[]; readonly absent: string }): React.ReactNode {
  return (
    <tr className={row.differs ? styles.differs : ""}>
      <th scope="row">
        <code>{row.path}</code>
      </th>
      {chosen.map(({ id }, i) => (
        <td key={id}>
          <code>{row.values[i] ?? absent}</code>
        </td>
      ))}
    </tr>
  );
}

/** "700 kB to 50 kB; rounding alone loses 30.7 points, this loses 0.5", in the page's language. */
export function VerdictLine({ run }: { readonly run: KeptRun }): React.ReactNode {
  const { t } = useTranslation("compare");
  const format = useFormat();
  const { kind, size, lost }: Verdict = verdictOf(run.report);
  const said = (value: number) => {
    const { kind: how, points } = change(value);
    return how === "same" ? t("verdict.same") : t(`verdict.${how}`, { points: format.digits(points) });
  };
  return [
    ...(size ? [t("verdict.sizes", { from: format.bytes(size.fullPrecision), to: format.bytes(size.quantized) })] : []),
    t("verdict.nearest", { change: said(lost.nearest) }),
    ...(kind === "method" ? [t("verdict.method", { change: said(lost.quantized) })] : []),
  ].join("; ");
}

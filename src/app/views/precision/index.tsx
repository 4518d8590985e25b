/**
 * Mixed precision: the network on its axis with bits as columns above it and sensitivity as a triangle below it; beside it
 * predicted loss against cost with the limit as a line that is dragged, and what was found.
 */
import Papa from "papaparse";
import { lazy, Suspense, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { bitsOf } from "../../../session/network/view";
import type { SearchResult } from "../../../session/search/result";
import { shadesOf } from "../../axis/colouring";
import { Stage } from "../../axis/stage";
import { markupOf } from "../../charts/markup";
import { SaveChart } from "../../charts/save-chart";
import { useFormat } from "../../i18n/format";
import { FIELD_DEFAULTS, isOutdated, settingsFrom } from "../../precision/search";
import { useHindrance } from "../../shell/header";
import { usePlace } from "../../state/place";
import { useLab } from "../../state/react";
import { isBusy } from "../../state/view";
import { Boundary } from "../../ui/boundary";
import { Button } from "../../ui/button";
import { AxisFile } from "./axis-file";
import { Finding, Findings } from "./findings";
import { Front } from "./front";
import { HeatScale } from "./heat-grid";
import styles from "./precision.module.css";
import { BitsRow, TriangleRow } from "./rows";
import { Settings } from "./settings";
import { slotsOf } from "./slots";
import { type Triangle, triangleOf } from "./triangle";

const More = lazy(async () => ({ default: (await import("./more")).More }));

export function PrecisionView(): React.ReactNode {
  const { t } = useTranslation("precision");
  const results = useLab((lab) => lab.view.search);
  const sensitivity = useLab((lab) => lab.view.sensitivity);
  const busy = useLab((lab) => isBusy(lab.view.state));
  const outdated = useLab((lab) => isOutdated(lab.searched, lab.recipe));
  const search = useLab((lab) => lab.search);
  const hindrance = useHindrance();
  const [fields, setFields] = useState(FIELD_DEFAULTS);
  const [shown, setShown] = useState(0);
  const settings = settingsFrom(fields);
  const problem = "limits" in settings ? null : settings;
  const result = results[Math.min(shown, results.length - 1)] ?? null;
  const begin = () => {
    setShown(0);
    if ("limits" in settings) search(settings);
  };
  const limitTo = (value: number) => {
    if (!result || !sensitivity || !("limits" in settings)) return;
    const cost = result.limit.cost as typeof fields.cost;
    const amounts = `${Number(value.toPrecision(4))}${cost === "table" ? "" : result.limit.unit}`;
    const next = { ...fields, cost, amounts };
    setFields(next);
    setShown(0);
    const asked = settingsFrom(next);
    // What was measured stays, unless it no longer fits the recipe.
    if ("limits" in asked) search(outdated ? asked : { ...asked, table: sensitivity.table });
  };
  return (
    <div className={styles.view}>
      <div className={styles.middle}>
        <Finding result={result} />
        <Settings fields={fields} problem={problem} isDisabled={busy} onChange={(change) => setFields({ ...fields, ...change })} />
        <div className={styles.deeds}>
          <Button look="primary" isDisabled={busy || hindrance !== null || problem !== null} onPress={begin}>
            {sensitivity ? t("searchAgain") : t("search")}
          </Button>
          <p className={styles.said}>{hindrance ?? t("searchHint")}</p>
        </div>
        <Boundary name={t("axis.label")}>
          <Axis result={result} />
        </Boundary>
        {sensitivity ? (
          <Suspense fallback={null}>
            <More table={sensitivity.table} result={result} />
          </Suspense>
        ) : null}
      </div>
      <aside className={styles.side} aria-label={t("side")}>
        {result ? (
          <>
            <Front result={result} isDisabled={busy} onLimit={limitTo} />
            <Findings results={results} result={result} isOutdated={outdated} onShow={setShown} />
          </>
        ) : (
          <p className={styles.said}>{t("sideEmpty")}</p>
        )}
      </aside>
    </div>
  );
}

const NOTHING: Triangle = { cells: [], borders: [], depth: 1, low: 0, high: 0, cancels: false };

function Axis({ result }: { readonly result: SearchResult | null }): React.ReactNode {
  const { t } = useTranslation("precision");
  const format = useFormat();
  const view = useLab((lab) => lab.view);
  const recipe = useLab((lab) => lab.recipe);
  const unit = usePlace((place) => place.unit);
  const layer = usePlace((place) => place.layer);
  const go = usePlace((place) => place.go);
  const [width, setWidth] = useState<number | null>(null);
  const { network, sensitivity } = view;
  const bits = useMemo(() => {
    const found = new Map(result?.assignment.map((one) => [one.layer, one]));
    const layers = network?.units.flatMap((one) => one.layers) ?? [];
    return new Map(
      layers.map((one) => {
        const own = found.get(one.id);
        return [one.id, { weights: own?.bits ?? bitsOf(one, recipe.weights), activation: own?.activation ?? null }];
      }),
    );
  }, [result, network, recipe]);
  if (!network) return <div className={styles.place} />;
  const table = sensitivity?.table ?? null;
  const at = width !== null && table?.bits.includes(width) ? width : (table?.bits[0] ?? 2);
  const whole = table ? triangleOf(table, flatSlots(network.units), at) : NOTHING;
  const pick = (id: string) => go({ unit: network.units.find(({ layers }) => layers.some((one) => one.id === id))?.name ?? null, layer: id });
  const layers = network.units.flatMap((one) => one.layers);
  const csv = () =>
    Papa.unparse(
      [
        ["layer", "bits", ...(table ? table.bits.map((one) => `nats at ${one} bit`) : [])],
        ...layers.map(({ id }) => {
          const entry = table?.layers.find(({ name }) => name === id);
          return [
            id,
            bits.get(id)?.weights ?? "",
            ...(table?.bits.map((one, i) => (entry?.fixed === null ? entry.losses[i] : entry?.fixed === one ? entry.losses[0] : "")) ?? []),
          ];
        }),
        ...(table?.pairs.map(({ a, b, joint }) => [`${a} + ${b}`, "", joint]) ?? []),
      ],
      { newline: "\n" },
    );
  return (
    <>
      <Stage
        network={network}
        label={t("axis.label")}
        stripTitle={t("axis.network")}
        stripHeight={104}
        above={[
          {
            id: "bits",
            title: result ? t("axis.found") : t("axis.recipe"),
            height: 100,
            draw: (frame) => (
              <BitsRow
                frame={frame}
                bits={bits}
                floatText={t("axis.float")}
                say={({ name }, weights, activation) =>
                  [
                    name,
                    weights > 8 ? t("axis.float") : t("axis.bits", { bits: weights }),
                    ...(activation === null ? [] : [t("axis.reads", { bits: activation })]),
                  ].join(", ")
                }
              />
            ),
            say: ({ column }) =>
              column.unit.layers.map(({ id, name }) => `${name} ${t("axis.bits", { bits: bits.get(id)?.weights ?? "?" })}`).join(", ") || null,
          },
        ]}
        below={[
          {
            id: "sensitivity",
            title: table ? t("axis.sensitivity", { bits: at }) : t("axis.unmeasured"),
            height: 132,
            aside: table ? (
              <>
                <HeatScale low={whole.low} high={whole.high} cancels={whole.cancels} />
                <label className={styles.at}>
                  {t("axis.at")}
                  <select value={at} onChange={(event) => setWidth(Number(event.target.value))}>
                    {table.bits.map((one) => (
                      <option key={one} value={one}>
                        {t("axis.bits", { bits: one })}
                      </option>
                    ))}
                  </select>
                </label>
              </>
            ) : undefined,
            draw: (frame) =>
              table ? (
                <TriangleRow
                  frame={frame}
                  triangle={triangleOf(table, slotsOf(frame.spans), at)}
                  selected={layer}
                  onPick={pick}
                  sayCell={(names, value) =>
                    names.length === 1
                      ? t("axis.cell", { name: names[0], value: format.digits(value) })
                      : t(value < 0 ? "axis.cancels" : "axis.adds", { a: names[0], b: names[1], value: format.digits(Math.abs(value)) })
                  }
                />
              ) : null,
            say: ({ column }) => {
              if (!table) return null;
              const own = table.layers.filter(({ name }) => column.unit.layers.some(({ id }) => id === name));
              const sum = own.reduce(
                (total, { losses, fixed }) => total + (losses[fixed === null ? Math.max(0, table.bits.indexOf(at)) : 0] ?? 0),
                0,
              );
              return sum > 0 ? t("axis.column", { value: format.digits(sum) }) : null;
            },
          },
        ]}
        shades={shadesOf("bits", network, { weights: { ...recipe.weights, ...(result ? { assignment: assigned(result) } : {}) } }, view)}
        bits={({ id }) => bits.get(id)?.weights ?? 8}
        selectedUnit={unit}
        selectedLayer={layer}
        current={null}
        done={new Set()}
        onPick={(name, id) => go({ unit: name, layer: id })}
      />
      {table ? <p className={styles.said}>{t("axis.note")}</p> : null}
      <SaveChart
        title={t("axis.file")}
        name="bits-and-sensitivity"
        svg={() => markupOf(<AxisFile title={t("axis.file")} network={network} bits={bits} table={table} at={at} floatText={t("axis.float")} />)}
        csv={csv}
      />
    </>
  );
}

/** Slots of equal width, for what the legend says of the whole network whatever part of it is in sight. */
function flatSlots(units: readonly { readonly name: string; readonly layers: readonly { readonly id: string; readonly name: string }[] }[]) {
  return units
    .flatMap(({ name: unit, layers }) => layers.map(({ id, name }) => ({ layer: id, name, unit })))
    .map((one, i) => ({ ...one, left: i, right: i + 1 }));
}

function assigned({ assignment }: SearchResult): Record<string, number> {
  return Object.fromEntries(assignment.map(({ layer, bits }) => [layer, bits]));
}

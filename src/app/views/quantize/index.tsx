/** Quantize: what is at stake, a width to try, the network on its axis with the run as it goes, and what comes out of it. */
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { METHOD_CATALOG } from "../../../quantize/methods/catalog";
import { bitsOf } from "../../../session/network/view";
import { baseName } from "../../../session/run/report";
import { COLOURINGS, type Colouring, shadesOf } from "../../axis/colouring";
import { Legend } from "../../axis/legend";
import { Stage } from "../../axis/stage";
import { useFormat } from "../../i18n/format";
import { SharedResult } from "../../share/shared-result";
import { usePlace } from "../../state/place";
import { useLab, useView } from "../../state/react";
import { isBusy, type View } from "../../state/view";
import { Boundary } from "../../ui/boundary";
import { AccuracyRow, curveOf } from "./accuracy-row";
import { LossRow } from "./loss-row";
import { NoiseRow } from "./noise-row";
import { Outcome } from "./outcome";
import styles from "./quantize.module.css";
import { Selection } from "./selection";
import { Sentence } from "./sentence";
import { Stale } from "./stale";
import { quoted } from "./story";
import { TryWidths } from "./try-widths";
import { useIsCurrent } from "./use-current";

/** Another network begins where its own story does: what a person had scrolled to was the last one's. */
function useTopForEachNetwork(): void {
  const name = useLab((lab) => lab.view.network?.name);
  const before = useRef(name);
  useEffect(() => {
    if (before.current !== undefined && name !== undefined && name !== before.current) document.getElementById("view")?.scrollTo({ top: 0 });
    before.current = name ?? before.current;
  }, [name]);
}

export function QuantizeView(): React.ReactNode {
  const { t } = useTranslation("quantize");
  useTopForEachNetwork();
  return (
    <div className={styles.view}>
      <div className={styles.middle}>
        <Boundary name={t("shared")}>
          <SharedResult />
        </Boundary>
        <Sentence />
        <Stale />
        <TryWidths />
        <Boundary name={t("axis.label")}>
          <Workbench />
        </Boundary>
        <Boundary name={t("outcome.label")}>
          <Outcome />
        </Boundary>
      </div>
      <Boundary name={t("selection.label")}>
        <Selection />
      </Boundary>
    </div>
  );
}

const NONE: Pick<View, "units" | "soFar"> = { units: [], soFar: [] };

function Workbench(): React.ReactNode {
  const { t } = useTranslation("quantize");
  const format = useFormat();
  const network = useLab((lab) => lab.view.network);
  const view = useView("network", "state", "recipe", "units", "soFar", "sensitivity", "firstLook", "accuracy", "glimpses", "watched", "current");
  const form = useLab((lab) => lab.recipe);
  const unit = usePlace((place) => place.unit);
  const layer = usePlace((place) => place.layer);
  const go = usePlace((place) => place.go);
  const isCurrent = useIsCurrent();
  const [colouring, setColouring] = useState<Colouring>("bits");
  // What the run left belongs to its own settings: under others the network shows what the form says.
  const recipe = isCurrent ? (view.recipe ?? form) : form;
  // While a new run loads, the old one's curves are nobody's.
  const starting = view.state === "loading";
  const { sensitivity, firstLook } = view;
  const units = starting ? NONE.units : view.units;
  const soFar = starting || !isCurrent ? NONE.soFar : view.soFar;
  const shades = useMemo(
    () => (network ? shadesOf(colouring, network, recipe, { units, soFar, sensitivity, firstLook }) : new Map()),
    [colouring, network, recipe, units, soFar, sensitivity, firstLook],
  );
  if (!network) return <div className={styles.place} />;
  const title = METHOD_CATALOG[recipe.method].title;
  const lines = [curveOf(soFar, "nearest"), curveOf(soFar, "quantized")].filter(({ points }) => points.size > 0);
  const noise = (method: "nearest" | "quantized") => new Map(soFar.filter((one) => one.method === method).map((one) => [one.name, one.noise]));
  const [nearestNoise, methodNoise] = [noise("nearest"), noise("quantized")];
  const hasCurves = !starting && (soFar.length > 0 || isBusy(view.state));
  // The line and the points are of the same images: the run's own sample once there is a point, the first look's before.
  const full = soFar[0]?.full ?? view.glimpses.find(({ bits }) => bits === 32)?.accuracy;
  const images = soFar[0]?.accuracy.images ?? view.watched?.count;
  const current = view.current === null ? undefined : units[view.current];
  const done = new Set(units.filter(({ report }) => report).map(({ name }) => baseName(name)));
  const methodKey = <Key look={styles.method} text={title} round />;
  const nearestKey = <Key look={styles.nearest} text={t("legend.nearest")} />;
  const keys = [
    { text: t("legend.nearest"), colour: "var(--nearest)" },
    { text: title, colour: "var(--method)" },
  ];
  const table = () =>
    network.units.flatMap(({ name, unit: optimized }) =>
      optimized === null
        ? []
        : [
            {
              unit: name,
              ...Object.fromEntries(lines.map(({ method, points }) => [`${method}_accuracy_percent`, points.get(name) ?? null])),
              ...{ nearest_noise: nearestNoise.get(name) ?? null, quantized_noise: methodNoise.get(name) ?? null },
              loss: units.find((one) => one.name === name)?.report?.loss.last ?? null,
            },
          ],
    );
  return (
    <Stage
      network={network}
      label={t("axis.label")}
      stripTitle={t("axis.network")}
      stripAside={<Legend colouring={colouring} options={COLOURINGS} shades={shades} onChange={setColouring} />}
      above={[
        {
          id: "accuracy",
          title: images === undefined ? t("rows.accuracyUnknown") : t("rows.accuracy", { images: format.count(images) }),
          height: 112,
          aside: (
            <>
              {nearestKey}
              {methodKey}
            </>
          ),
          draw: (frame) => (
            <AccuracyRow
              frame={frame}
              curves={lines}
              full={full ? quoted(full) : null}
              fullText={full ? t("rows.full", { value: format.percent(quoted(full)) }) : ""}
            />
          ),
          say: ({ column }) =>
            lines
              .flatMap(({ method, points }) => {
                const value = points.get(column.unit.name);
                return value === undefined ? [] : [`${method === "nearest" ? t("legend.nearest") : title} ${format.percent(value)}`];
              })
              .join(", ") || null,
        },
      ]}
      below={[
        {
          id: "loss",
          title: t("rows.loss", { iterations: format.count(recipe.iterations) }),
          height: 46,
          draw: (frame) => <LossRow frame={frame} isShown={hasCurves} iterations={recipe.iterations} />,
          say: ({ column }) => {
            const report = units.find(({ name }) => name === column.unit.name)?.report;
            return report ? t("rows.lossSays", { value: format.digits(report.loss.last) }) : null;
          },
        },
        {
          id: "noise",
          title: t("rows.noise"),
          height: 62,
          aside: (
            <>
              {nearestKey}
              {methodKey}
            </>
          ),
          draw: (frame) => <NoiseRow frame={frame} nearest={nearestNoise} method={methodNoise} />,
          say: ({ column }) => {
            const [a, b] = [nearestNoise.get(column.unit.name), methodNoise.get(column.unit.name)];
            if (a === undefined) return null;
            return b === undefined
              ? t("rows.noiseOne", { nearest: format.digits(a) })
              : t("rows.noiseBoth", {
                  nearest: format.digits(a),
                  method: format.digits(b),
                  factor: format.digits(b > 0 ? a / b : Number.POSITIVE_INFINITY),
                });
          },
        },
      ]}
      shades={shades}
      bits={(one) => bitsOf(one, recipe.weights)}
      selectedUnit={unit}
      selectedLayer={layer}
      current={current && isBusy(view.state) ? { name: baseName(current.name), iterations: recipe.iterations } : null}
      done={done}
      onPick={(name, id) => go({ unit: name, layer: id })}
      file={soFar.length === 0 ? null : { title: t("axis.file", { network: network.name, method: title }), keys, table }}
    />
  );
}

function Key({ look, text, round = false }: { readonly look: string | undefined; readonly text: string; readonly round?: boolean }): React.ReactNode {
  return (
    <span className={styles.key}>
      <svg width={22} height={10} aria-hidden className={look}>
        <path d="M0 5H22" />
        {round ? <circle cx={11} cy={5} r={4} /> : <rect x={8} y={2} width={6} height={6} />}
      </svg>
      {text}
    </span>
  );
}

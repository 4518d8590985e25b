/** What is selected, a unit or a layer: what it is, what the run made of it, and a width of its own, scored at once. */
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { bitsOf, FLOAT_BITS, type LayerView, type UnitView } from "../../../session/network/view";
import { useFormat } from "../../i18n/format";
import { bitsFrom, OVERRIDE_WIDTHS, withOverride } from "../../recipe/overrides";
import { usePlace } from "../../state/place";
import { useLab } from "../../state/react";
import { isBusy } from "../../state/view";
import { Button } from "../../ui/button";
import { Choice } from "../../ui/choice";
import { Moving } from "./moving";
import styles from "./selection.module.css";
import { quoted } from "./story";
import { useIsCurrent } from "./use-current";

export function Selection(): React.ReactNode {
  const { t } = useTranslation("quantize");
  const network = useLab((lab) => lab.view.network);
  const unitName = usePlace((place) => place.unit);
  const layerId = usePlace((place) => place.layer);
  const unit = network?.units.find(({ name, layers }) => (layerId === null ? name === unitName : layers.some(({ id }) => id === layerId)));
  const layer = unit?.layers.find(({ id }) => id === layerId);
  const rounding = useLab((lab) => lab.view.rounding);
  const busy = useLab((lab) => isBusy(lab.view.state));
  const training = useLab(({ view }) => (view.rounding ? view.units[view.rounding.unit]?.name : undefined));
  const place = useInSight(`${unitName} ${layerId}`);
  return (
    <aside ref={place} className={styles.selection} aria-label={t("selection.label")}>
      {unit ? (
        <>
          <UnitFacts unit={unit} />
          {layer ? <LayerFacts layer={layer} /> : <LayerList unit={unit} />}
        </>
      ) : busy && rounding && training ? (
        <Moving sample={rounding} name={training} />
      ) : (
        <p className={styles.dim}>{t("selection.none")}</p>
      )}
    </aside>
  );
}

/** From this width on the selection has a column of its own (quantize.module.css). */
const BESIDE = "(min-width: 1380px)";

/** Brings what was selected into sight where it has no column of its own. */
function useInSight(selected: string): React.RefObject<HTMLElement | null> {
  const place = useRef<HTMLElement>(null);
  const before = useRef(selected);
  useEffect(() => {
    if (selected === before.current) return;
    before.current = selected;
    if (!matchMedia(BESIDE).matches) place.current?.scrollIntoView({ block: "nearest" });
  }, [selected]);
  return place;
}

function Fact({ name, value, look }: { readonly name: string; readonly value: string; readonly look?: string | undefined }): React.ReactNode {
  return (
    <div className={styles.fact}>
      <dt>{name}</dt>
      <dd className={look}>{value}</dd>
    </div>
  );
}

function UnitFacts({ unit }: { readonly unit: UnitView }): React.ReactNode {
  const { t } = useTranslation("quantize");
  const format = useFormat();
  const isCurrent = useIsCurrent();
  const soFar = useLab((lab) => lab.view.soFar);
  const report = useLab((lab) => lab.view.units.find(({ name }) => name === unit.name)?.report);
  const at = (method: "nearest" | "quantized") => (isCurrent ? soFar.findLast((one) => one.name === unit.name && one.method === method) : undefined);
  const [nearest, method] = [at("nearest"), at("quantized")];
  return (
    <>
      <div className={styles.head}>
        <h2>{unit.name}</h2>
        <span className={styles.dim}>{t("selection.block", { count: unit.layers.length })}</span>
      </div>
      <dl>
        <Fact name={t("selection.output")} value={unit.output.join(" × ")} />
        <Fact name={t("selection.parameters")} value={format.count(unit.layers.reduce((sum, { parameters }) => sum + parameters, 0))} />
        <Fact name={t("selection.macs")} value={format.short(unit.layers.reduce((sum, { macs }) => sum + macs, 0))} />
        {nearest ? <Fact name={t("selection.noiseNearest")} value={format.digits(nearest.noise)} look={styles.nearest} /> : null}
        {method ? <Fact name={t("selection.noiseMethod")} value={format.digits(method.noise)} look={styles.method} /> : null}
        {nearest && method && method.noise > 0 ? (
          <Fact name={t("selection.factor")} value={t("selection.times", { factor: format.digits(nearest.noise / method.noise) })} />
        ) : null}
        {report && isCurrent ? (
          <>
            <Fact name={t("selection.loss")} value={format.digits(report.loss.last)} />
            <Fact name={t("selection.settled")} value={format.percent(100 * report.settled)} />
            <Fact name={t("selection.seconds")} value={report.reused ? t("selection.reused") : format.duration(report.seconds)} />
          </>
        ) : null}
      </dl>
    </>
  );
}

function LayerList({ unit }: { readonly unit: UnitView }): React.ReactNode {
  const { t } = useTranslation("quantize");
  const weights = useLab((lab) => lab.recipe.weights);
  const go = usePlace((place) => place.go);
  return (
    <ul className={styles.layers} aria-label={t("selection.layers")}>
      {unit.layers.map((layer) => (
        <li key={layer.id}>
          <Button look="quiet" onPress={() => go({ unit: unit.name, layer: layer.id })}>
            {layer.name}
          </Button>
          <span className={styles.dim}>
            {layer.kind} · {widthWord(t, bitsOf(layer, weights))}
          </span>
        </li>
      ))}
    </ul>
  );
}

type Translate = ReturnType<typeof useTranslation<"quantize">>["t"];

function widthWord(t: Translate, bits: number): string {
  return bits === FLOAT_BITS ? t("axis.float") : t("axis.bits", { bits });
}

function LayerFacts({ layer }: { readonly layer: LayerView }): React.ReactNode {
  const { t } = useTranslation("quantize");
  const format = useFormat();
  const weights = useLab((lab) => lab.recipe.weights);
  const change = useLab((lab) => lab.change);
  const score = useLab((lab) => lab.score);
  const scored = useLab((lab) => lab.view.score);
  const images = useLab((lab) => lab.view.watched?.count ?? 0);
  const busy = useLab((lab) => isBusy(lab.view.state));
  const look = useLab((lab) => lab.view.firstLook?.layers.find(({ name }) => name === layer.id));
  const go = usePlace((place) => place.go);
  const own = weights.overrides?.find(({ layers }) => layers === layer.id);
  const common = bitsOf(layer, withOverride(weights, layer.id, null));
  return (
    <div className={styles.layer}>
      <h3>{layer.name}</h3>
      <dl>
        <Fact name={t("selection.kind")} value={layer.kind} />
        <Fact name={t("selection.kernel")} value={layer.kernel.join(" × ")} />
        <Fact name={t("selection.parameters")} value={format.count(layer.parameters)} />
        {look ? (
          <Fact
            name={t("selection.range")}
            value={t("selection.rangeOf", { low: format.digits(look.range[0]), high: format.digits(look.range[1]) })}
          />
        ) : null}
        {look && look.outliers.length > 0 ? (
          <Fact name={t("selection.outliers")} value={t("selection.outliersOf", { count: look.outliers.length, of: look.channels })} />
        ) : null}
      </dl>
      <Choice
        label={t("selection.width")}
        help={t("selection.widthHelp", { images: format.count(images) })}
        value={String(own?.bits ?? "")}
        isDisabled={busy}
        options={[
          ["", t("selection.asRecipe", { width: widthWord(t, common) })],
          ...OVERRIDE_WIDTHS.map((value) => [value, value === "float" ? t("axis.float") : t("axis.bits", { bits: value })] as const),
        ]}
        onChange={(width) => {
          change({ weights: withOverride(weights, layer.id, width === "" ? null : bitsFrom(width)) });
          score();
        }}
      />
      {scored && own ? (
        <p role="status" className={styles.scored}>
          {t("selection.scored", { value: format.percent(quoted(scored.accuracy)), size: format.bytes(scored.bytes) })}
        </p>
      ) : null}
      <Button onPress={() => go({ view: "inspect" })}>{t("selection.inspect")}</Button>
    </div>
  );
}

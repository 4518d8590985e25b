/**
 * Inspect: what quantization did to one layer. Before a run it shows full precision and rounding to nearest; while a unit is
 * trained, its roundings; after it, all three networks.
 */
import { useTranslation } from "react-i18next";
import { bitsOf, type LayerView, type NetworkView, shortName, widthText } from "../../../session/network/view";
import { shadesOf } from "../../axis/colouring";
import { Stage } from "../../axis/stage";
import { usePlace } from "../../state/place";
import { useLab } from "../../state/react";
import { isBusy } from "../../state/view";
import { Choice } from "../../ui/choice";
import { Facts } from "./facts";
import styles from "./inspect.module.css";
import { ChannelField, InspectTabs } from "./tabs";
import { useInspection } from "./use-inspection";

/** The layer that is selected, else the first of the selected unit, else the first that is not 8 bit by custom. */
export function layerToShow(network: NetworkView, layer: string | null, unit: string | null): LayerView | null {
  const all = network.units.flatMap(({ layers }) => layers);
  const ofUnit = network.units.find(({ name }) => name === unit)?.layers[0];
  return all.find(({ id, name }) => id === layer || name === layer) ?? ofUnit ?? all.find(({ position }) => position === "inner") ?? all[0] ?? null;
}

export function InspectView(): React.ReactNode {
  const network = useLab((lab) => lab.view.network);
  const chosen = usePlace((place) => place.layer);
  const unit = usePlace((place) => place.unit);
  const layer = network && layerToShow(network, chosen, unit);
  return network && layer ? <Layer network={network} layer={layer} /> : null;
}

function Layer({ network, layer }: { readonly network: NetworkView; readonly layer: LayerView }): React.ReactNode {
  const { t } = useTranslation("inspect");
  const view = useLab((lab) => lab.view);
  const form = useLab((lab) => lab.recipe);
  const busy = isBusy(view.state);
  const go = usePlace((place) => place.go);
  const asked = useInspection(layer.id);
  const recipe = view.report?.recipe ?? form;
  const unit = network.units.find(({ layers }) => layers.some(({ id }) => id === layer.id));
  const current = view.current === null ? null : (view.units[view.current]?.name ?? null);
  return (
    <div className={styles.view}>
      <h2 className="visually-hidden">{t("axis")}</h2>
      <Stage
        network={network}
        label={t("axis")}
        above={[]}
        below={[]}
        stripTitle={t("axis")}
        stripHeight={100}
        shades={shadesOf("bits", network, recipe, view)}
        bits={(one) => bitsOf(one, recipe.weights)}
        selectedUnit={unit?.name ?? null}
        selectedLayer={layer.id}
        current={busy && current !== null ? { name: current, iterations: view.recipe?.iterations ?? 1 } : null}
        done={new Set(view.units.filter(({ report }) => report !== null).map(({ name }) => name))}
        onPick={(name, id) => go({ unit: name, layer: id ?? network.units.find((one) => one.name === name)?.layers[0]?.id ?? layer.id })}
      />
      <div className={styles.choice}>
        <Choice
          label={t("layer")}
          value={layer.id}
          options={network.units.flatMap(({ layers }) =>
            layers.map((one) => [one.id, `${shortName(one.name)}, ${one.kind}, ${widthText(bitsOf(one, recipe.weights))}`] as const),
          )}
          onChange={(id) => go({ layer: id, unit: network.units.find(({ layers }) => layers.some((one) => one.id === id))?.name ?? null })}
        />
        <ChannelField asked={asked} channels={layer.kernel.at(-1) as number} />
      </div>
      <Facts layer={layer} inspection={asked.inspection} />
      {asked.error === null ? null : (
        <p role="alert" className={styles.error} lang="en">
          {asked.error}
        </p>
      )}
      {busy ? <p className={styles.note}>{t("busy")}</p> : null}
      <InspectTabs layer={layer} asked={asked} busy={busy} />
    </div>
  );
}

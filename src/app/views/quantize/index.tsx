/** Quantize: what is at stake, the network on its axis, and the run as it goes. */
import { useTranslation } from "react-i18next";
import { bitsOf } from "../../../session/network/view";
import { shadesOf } from "../../axis/colouring";
import { Stage } from "../../axis/stage";
import { usePlace } from "../../state/place";
import { useLab } from "../../state/react";

export function QuantizeView(): React.ReactNode {
  const { t } = useTranslation("quantize");
  const view = useLab((lab) => lab.view);
  const recipe = useLab((lab) => lab.recipe);
  const unit = usePlace((place) => place.unit);
  const layer = usePlace((place) => place.layer);
  const go = usePlace((place) => place.go);
  if (!view.network) return null;
  return (
    <Stage
      network={view.network}
      label={t("axis.label")}
      above={[]}
      below={[]}
      stripTitle={t("axis.label")}
      shades={shadesOf("bits", view.network, recipe, view)}
      bits={(one) => bitsOf(one, recipe.weights)}
      selectedUnit={unit}
      selectedLayer={layer}
      current={null}
      done={new Set()}
      onPick={(name, id) => go({ unit: name, layer: id })}
    />
  );
}

/** The layer in a line of figures: what it is, its bytes, its noise, its flips. */
import { useTranslation } from "react-i18next";
import type { Inspection, OutputError } from "../../../session/inspect/inspection";
import type { LayerView } from "../../../session/network/view";
import { useFormat } from "../../i18n/format";
import styles from "./inspect.module.css";

interface FactsProps {
  readonly layer: LayerView;
  readonly inspection: Inspection | null;
}

export function Facts({ layer, inspection }: FactsProps): React.ReactNode {
  const { t } = useTranslation("inspect");
  const format = useFormat();
  const weights = inspection?.weights ?? null;
  const output = inspection?.output ?? null;
  const noise = ({ noise: share }: OutputError) =>
    share === null
      ? t("facts.silent")
      : share === 0
        ? t("facts.exact")
        : `${format.percent(100 * share, share < 0.01 ? 2 : 1)} (${format.digits(-10 * Math.log10(share))} dB)`;
  const better =
    output?.reconstructed?.noise && output.nearest.noise && output.reconstructed.noise < output.nearest.noise
      ? t("facts.less", { factor: format.digits(output.nearest.noise / output.reconstructed.noise) })
      : null;
  const flips = weights?.flips ?? null;
  return (
    <dl className={styles.facts}>
      <Fact name={t("facts.kernel")}>
        {layer.kind}, {layer.kernel.join(" × ")}
      </Fact>
      <Fact name={t("facts.size")}>
        {weights
          ? t("facts.bytes", { bits: weights.bits, float: format.bytes(weights.bytes.float), quantized: format.bytes(weights.bytes.quantized) })
          : inspection
            ? t("facts.float")
            : "…"}
      </Fact>
      <Fact name={t("facts.flips")}>
        {flips
          ? t("facts.flipCount", {
              count: flips.total,
              flipped: format.count(flips.total),
              share: format.percent((100 * flips.total) / (flips.each * flips.byChannel.length)),
              far: format.count(flips.far),
            })
          : inspection && !inspection.reconstructed
            ? t("facts.afterRun")
            : "–"}
      </Fact>
      <Fact
        name={t(inspection?.ask.at === "unit" ? "facts.noiseUnit" : output?.activated ? "facts.noiseActivated" : "facts.noise", {
          unit: inspection?.unit,
        })}
      >
        {output ? (
          <>
            <span className={styles.nearest}>
              {t("nearest")} {noise(output.nearest)}
            </span>
            {output.reconstructed ? (
              <>
                {" · "}
                <span className={styles.method}>
                  {t("reconstructed")} {noise(output.reconstructed)}
                </span>
              </>
            ) : null}
            {better ? <> · {better}</> : null}
          </>
        ) : (
          "…"
        )}
      </Fact>
    </dl>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: React.ReactNode }): React.ReactNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

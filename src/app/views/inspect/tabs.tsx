/** The five ways to look at a layer. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { MAPS } from "../../../session/inspect/inspection";
import type { LayerView } from "../../../session/network/view";
import { NumberField } from "../../ui/number-field";
import { Picture } from "../../ui/picture";
import { Segments } from "../../ui/segments";
import { Tabs } from "../../ui/tabs";
import { ChannelsTab, ErrorByChannel } from "./channels-tab";
import styles from "./inspect.module.css";
import { RoundingDots, RoundingOverTime, useRoundings } from "./live-rounding";
import { FeatureMapsFigure, VectorTable } from "./maps-tab";
import { PositionMap } from "./position-map";
import { FlipsMap, RoundingCurve } from "./rounding-tab";
import type { Asked } from "./use-inspection";
import { GridHistogram } from "./weights-tab";

interface InspectTabsProps {
  readonly layer: LayerView;
  readonly asked: Asked;
  readonly busy: boolean;
}

const TABS = ["weights", "rounding", "output", "channels", "maps"] as const;
type TabName = (typeof TABS)[number];

export function InspectTabs(props: InspectTabsProps): React.ReactNode {
  const { t } = useTranslation("inspect");
  const [tab, setTab] = useState<TabName>("weights");
  const content: Readonly<Record<TabName, React.ReactNode>> = {
    weights: <WeightsTab {...props} />,
    rounding: <RoundingTab {...props} />,
    output: <OutputTab {...props} />,
    channels: <ChannelsPart {...props} />,
    maps: <MapsTab {...props} />,
  };
  return (
    <div aria-busy={props.asked.waiting} className={props.asked.waiting && props.asked.inspection ? styles.waiting : ""}>
      <Tabs
        label={t("tabs.label")}
        selected={tab}
        onSelect={(id) => setTab(id as TabName)}
        tabs={TABS.map((id) => ({ id, title: t(`tabs.${id}`), content: id === tab ? content[id] : null }))}
      />
    </div>
  );
}

/** What stands where nothing is to be seen yet. */
function Nothing({ asked, what }: { readonly asked: Asked; readonly what: "weights" | "output" }): React.ReactNode {
  const { t } = useTranslation("inspect");
  const { inspection, error } = asked;
  if (error !== null) return <div className={styles.figures} />;
  const words =
    inspection === null
      ? t("waiting")
      : what === "weights"
        ? t("noWeights")
        : inspection.withoutOutput === null
          ? t("computing")
          : t(`noImages.${inspection.withoutOutput}`);
  return (
    <div className={styles.figures}>
      <p className={styles.note} role="status">
        {words}
      </p>
    </div>
  );
}

function useWhole(): (least: number, most: number) => (text: string) => { value: number } | { error: string } {
  const { t } = useTranslation("inspect");
  return (least, most) => (text) => {
    const value = Number(text.trim());
    return text.trim() !== "" && Number.isInteger(value) && value >= least && value <= most ? { value } : { error: t("whole", { least, most }) };
  };
}

export function ChannelField({ asked: { wanted, want }, channels }: { readonly asked: Asked; readonly channels: number }): React.ReactNode {
  const { t } = useTranslation("inspect");
  const whole = useWhole();
  return (
    <NumberField<number | null>
      label={t("channelField")}
      value={wanted.channel}
      inputMode="numeric"
      placeholder={t("allChannels")}
      format={(value) => (value === null ? "" : String(value))}
      parse={(text) => (text.trim() === "" ? { value: null } : whole(0, channels - 1)(text))}
      onChange={(channel) => want({ channel })}
      wayBack={wanted.channel === null ? null : { text: t("allChannels"), reset: () => want({ channel: null }) }}
    />
  );
}

function WeightsTab({ asked }: InspectTabsProps): React.ReactNode {
  const { t } = useTranslation("inspect");
  const weights = asked.inspection?.weights;
  if (!asked.inspection || !weights) return <Nothing asked={asked} what="weights" />;
  return (
    <div className={styles.figures}>
      <GridHistogram inspection={asked.inspection} weights={weights} />
      <p className={styles.dim}>
        {t("weights.clipped", { count: weights.clipped, of: weights.count })} {weights.sameGrid ? "" : t("weights.ownGrid")}
      </p>
    </div>
  );
}

function RoundingTab({ layer, asked, busy }: InspectTabsProps): React.ReactNode {
  const { t } = useTranslation("inspect");
  const history = useRoundings(layer.id);
  const { inspection } = asked;
  const weights = inspection?.weights ?? null;
  const flips = weights?.flips ?? null;
  return (
    <div className={styles.figures}>
      {history ? (
        <div className={styles.pair}>
          <RoundingDots layer={layer.id} history={history} />
          <RoundingOverTime layer={layer.id} history={history} />
        </div>
      ) : (
        <p className={styles.note}>{t(busy ? "live.soon" : "live.none_yet")}</p>
      )}
      {inspection && weights && flips ? (
        <>
          <p>
            {t("rounding.summary", {
              count: flips.total,
              of: flips.each * flips.byChannel.length,
              up: flips.up,
              down: flips.total - flips.up,
              far: flips.far,
            })}
          </p>
          <div className={styles.pair}>
            <RoundingCurve inspection={inspection} weights={weights} flips={flips} />
            <FlipsMap inspection={inspection} weights={weights} flips={flips} />
          </div>
        </>
      ) : null}
    </div>
  );
}

function AtField({ asked: { wanted, want, inspection } }: { readonly asked: Asked }): React.ReactNode {
  const { t } = useTranslation("inspect");
  return (
    <Segments
      label={t("at.label")}
      value={wanted.at}
      options={[
        ["layer", t("at.layer")],
        ["unit", inspection ? t("at.unit", { unit: inspection.unit }) : t("at.anyUnit")],
      ]}
      onChange={(at) => want({ at, maps: null })}
    />
  );
}

function OutputTab({ asked }: InspectTabsProps): React.ReactNode {
  const { t } = useTranslation("inspect");
  const { inspection } = asked;
  const output = inspection?.output ?? null;
  if (!inspection || !output) return <Nothing asked={asked} what="output" />;
  return (
    <div className={styles.figures}>
      <div className={styles.tools}>
        <AtField asked={asked} />
      </div>
      <p className={styles.dim}>{t(`output.sample.${output.on}`, { count: output.images, of: output.of })}</p>
      {output.grid.rows * output.grid.columns > 1 ? <PositionMap inspection={inspection} output={output} /> : null}
      <ErrorByChannel inspection={inspection} output={output} />
    </div>
  );
}

function ChannelsPart({ asked }: InspectTabsProps): React.ReactNode {
  const { inspection, want } = asked;
  const weights = inspection?.weights;
  if (!inspection || !weights) return <Nothing asked={asked} what="weights" />;
  return <ChannelsTab inspection={inspection} weights={weights} onChannel={(channel) => want({ channel })} />;
}

function MapsTab({ asked }: InspectTabsProps): React.ReactNode {
  const { t } = useTranslation("inspect");
  const { inspection, wanted } = asked;
  const output = inspection?.output ?? null;
  if (!inspection || !output) return <Nothing asked={asked} what="output" />;
  const { picture } = output.maps;
  return (
    <div className={styles.figures}>
      <div className={styles.tools}>
        <div className={styles.picture}>
          <Picture picture={picture} label={t("maps.picture", { image: inspection.ask.image, label: picture.label ?? "–" })} />
        </div>
        <MapFields asked={asked} of={output.of} channels={output.shape.at(-1) as number} />
        <AtField asked={asked} />
      </div>
      <p className={styles.dim}>
        {picture.label === null ? t("maps.imageNoLabel", { image: wanted.image }) : t("maps.image", { image: wanted.image, label: picture.label })}
      </p>
      {output.grid.rows * output.grid.columns > 1 ? <FeatureMapsFigure inspection={inspection} output={output} /> : <VectorTable output={output} />}
    </div>
  );
}

interface MapFieldsProps {
  readonly asked: Asked;
  readonly of: number;
  readonly channels: number;
}

function MapFields({ asked: { wanted, want }, of, channels }: MapFieldsProps): React.ReactNode {
  const { t } = useTranslation("inspect");
  const whole = useWhole();
  return (
    <>
      <NumberField<number>
        label={t("maps.imageField", { last: of - 1 })}
        value={wanted.image}
        inputMode="numeric"
        format={String}
        parse={whole(0, of - 1)}
        onChange={(image) => want({ image })}
      />
      <NumberField<number | null>
        label={t("maps.from")}
        value={wanted.maps?.[0] ?? null}
        inputMode="numeric"
        format={(value) => (value === null ? "" : String(value))}
        parse={(text) => (text.trim() === "" ? { value: null } : whole(0, channels - 1)(text))}
        onChange={(from) => want({ maps: from === null ? null : Array.from({ length: Math.min(MAPS, channels - from) }, (_, i) => from + i) })}
        wayBack={wanted.maps === null ? null : { text: t("maps.worst"), reset: () => want({ maps: null }) }}
      />
    </>
  );
}

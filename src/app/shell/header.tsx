/** What is quantized, on which images, by which device; Run and Cancel; Share; how the page looks. */
import { Cog, Pause, Play, Share2, SlidersHorizontal, Square } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { Button as AriaButton } from "react-aria-components";
import { useTranslation } from "react-i18next";
import type { ImagesRecipe } from "../../session/recipe/recipe";
import { useFormat } from "../i18n/format";
import { missingInputs } from "../state/files";
import { useFirstInvalid } from "../state/invalid";
import { neededFiles } from "../state/opened";
import { usePlace } from "../state/place";
import { useLab } from "../state/react";
import { useAskForData } from "../state/recipe-ask";
import { isBusy } from "../state/view";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import styles from "./header.module.css";
import { Look } from "./look";
import { Status } from "./status";

const ShareDialog = lazy(async () => ({ default: (await import("../share/share-dialog")).ShareDialog }));

export function Header({ onRecipe }: { readonly onRecipe: (() => void) | null }): React.ReactNode {
  const { t } = useTranslation("shell");
  const hide = usePlace((place) => place.hide);
  const [look, setLook] = useState(false);
  const sharing = useLab((lab) => lab.sharing);
  const openShare = useLab((lab) => lab.openShare);
  const closeShare = useLab((lab) => lab.closeShare);
  return (
    <header className={styles.header}>
      <h1 className={styles.name}>BRECQ Lab</h1>
      <NetworkChip />
      <ImagesChip />
      <div className={styles.space} />
      <Status />
      <div className={styles.deeds}>
        {onRecipe ? (
          <Button onPress={onRecipe}>
            <SlidersHorizontal aria-hidden />
            {t("header.recipe")}
          </Button>
        ) : null}
        <RunButton />
        {hide.has("share") ? null : (
          <Button onPress={openShare} aria-label={t("header.share")}>
            <Share2 aria-hidden />
            <span className={styles.word}>{t("header.share")}</span>
          </Button>
        )}
        <Button onPress={() => setLook(true)} aria-label={t("header.settings")}>
          <Cog aria-hidden />
        </Button>
      </div>
      <Dialog title={t("header.settings")} isOpen={look} onClose={() => setLook(false)}>
        <Look />
      </Dialog>
      {sharing ? (
        <Suspense fallback={null}>
          <ShareDialog onClose={closeShare} />
        </Suspense>
      ) : null}
    </header>
  );
}

function NetworkChip(): React.ReactNode {
  const { t } = useTranslation("shell");
  const format = useFormat();
  const network = useLab((lab) => lab.view.network);
  const model = useLab((lab) => lab.recipe.model);
  const name = network?.name.replace(/\.(onnx|json)$/, "") ?? model.name;
  return (
    <Chip what={t("header.network")} name={name}>
      {network ? t("header.networkFacts", { parameters: format.short(network.parameters), size: format.bytes(network.parameters * 4) }) : null}
    </Chip>
  );
}

function ImagesChip(): React.ReactNode {
  const { t } = useTranslation("shell");
  const format = useFormat();
  const { calibration, evaluation } = useLab((lab) => lab.recipe);
  const count = (images: ImagesRecipe) => (images.count === null ? t("header.allImages") : format.count(images.count));
  const name = calibration.kind === "builtin" ? t("header.shapes") : calibration.name;
  return (
    <Chip what={t("header.images")} name={name} isSecond>
      {evaluation
        ? t("header.imageCounts", { calibration: count(calibration), test: count(evaluation) })
        : t("header.calibrationOnly", { calibration: count(calibration) })}
    </Chip>
  );
}

interface ChipProps {
  readonly what: string;
  readonly name: string;
  /** Goes first where there is little room; it leads to where the other does, so that the keyboard stops at that alone. */
  readonly isSecond?: boolean;
  readonly children: React.ReactNode;
}

/** What is quantized or on what, and the way to where that is chosen. */
function Chip({ what, name, isSecond = false, children }: ChipProps): React.ReactNode {
  const ask = useAskForData();
  const className = `${styles.chip} ${isSecond ? styles.images : ""}`;
  const content = (
    <>
      <span className="visually-hidden">{what}: </span>
      <b className={styles.title}>{name}</b>
      {children ? <small>{children}</small> : null}
    </>
  );
  if (!ask) return <div className={className}>{content}</div>;
  return (
    <AriaButton className={`${className} ${styles.leads}`} onPress={ask} excludeFromTabOrder={isSecond}>
      {content}
    </AriaButton>
  );
}

function PauseButton(): React.ReactNode {
  const { t } = useTranslation("shell");
  const paused = useLab(({ view }) => view.paused);
  const pause = useLab((lab) => lab.pause);
  const goOn = useLab((lab) => lab.goOn);
  const text = t(paused ? "header.goOn" : "header.pause");
  return (
    <Button onPress={paused ? goOn : pause} aria-label={text}>
      {paused ? <Play aria-hidden /> : <Pause aria-hidden />}
      <span className={styles.word}>{text}</span>
    </Button>
  );
}

/** Why nothing can run yet, in the page's language, or null. */
export function useHindrance(): string | null {
  const { t } = useTranslation("shell");
  const invalid = useFirstInvalid();
  const missing = useLab((lab) => missingInputs(lab).join());
  const name = useLab((lab) => lab.recipe.model.name);
  const needed = useLab((lab) =>
    neededFiles(lab.recipe, lab.files)
      .map(({ files }) => files.name)
      .join(", "),
  );
  const unread = useLab((lab) => lab.view.network === null);
  if (invalid !== null) return t("cannotRun.invalid", { field: invalid });
  if (needed !== "") return t("cannotRun.files", { names: needed });
  if (unread) return t("cannotRun.model");
  if (missing === "") return null;
  const what = missing === "calibration" ? t("cannotRun.calibration") : missing === "evaluation" ? t("cannotRun.test") : t("cannotRun.both");
  return t("cannotRun.images", { what, name });
}

export function RunButton(): React.ReactNode {
  const { t } = useTranslation("shell");
  const busy = useLab((lab) => isBusy(lab.view.state));
  const run = useLab((lab) => lab.run);
  const cancel = useLab((lab) => lab.cancel);
  const hindrance = useHindrance();
  // Run and Cancel are one button, so that the focus stays on it.
  return (
    <>
      {busy ? <PauseButton /> : null}
      <Button look={busy ? "plain" : "primary"} onPress={busy ? cancel : run} isDisabled={!busy && hindrance !== null}>
        {busy ? <Square aria-hidden /> : <Play aria-hidden />}
        {t(busy ? "header.cancel" : "header.run")}
      </Button>
    </>
  );
}

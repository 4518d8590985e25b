/** The first few of a person's own images as the network will see them under the preprocessing as it stands. */
import { useTranslation } from "react-i18next";
import { useFormat } from "../i18n/format";
import type { ImagesRole } from "../state/files";
import { useLab } from "../state/react";
import { Button } from "../ui/button";
import { Picture } from "../ui/picture";
import { useBusy } from "./bound";
import styles from "./recipe.module.css";

/** The centre of each image at a network's [height, width, channels], as large as fits. */
function fitting([height = 1, width = 1]: readonly number[]): { readonly resize: number; readonly crop: readonly [number, number] } {
  return { resize: Math.max(height, width), crop: [height, width] };
}

/** Channels whose values are told; of more, the first. */
const TOLD = 4;

export function PreviewStrip({ files: role }: { readonly files: ImagesRole }): React.ReactNode {
  const { t } = useTranslation("recipe");
  const format = useFormat();
  const preview = useLab((lab) => lab.view.previews[role]);
  const input = useLab((lab) => lab.view.network?.input);
  const preprocessing = useLab((lab) => lab.recipe.preprocessing);
  const change = useLab((lab) => lab.change);
  const busy = useBusy();
  if (!preview) return null;
  if ("error" in preview)
    return (
      <div className={styles.notice} role="note">
        <p>
          {t(`preview.${role}.error`)} <span lang="en">{preview.error}</span>
        </p>
        {input?.length === 3 && preprocessing.resize === null && preprocessing.crop === null ? (
          <Button look="quiet" isDisabled={busy} onPress={() => change({ preprocessing: { ...preprocessing, ...fitting(input) } })}>
            {t("preview.fit", { size: `${input[0]}x${input[1]}` })}
          </Button>
        ) : null}
      </div>
    );
  const ranges = preview.ranges.slice(0, TOLD).map(([low, high]) => t("preview.range", { low: format.digits(low), high: format.digits(high) }));
  return (
    <figure className={styles.preview} aria-label={t(`preview.${role}.title`)}>
      <div className={styles.pictures}>
        {preview.images.map((image, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the strip comes as a whole
          <Picture key={index} picture={image} label={t(`preview.${role}.image`, { index: index + 1 })} />
        ))}
      </div>
      <figcaption className={styles.hint}>
        {t(`preview.${role}.title`)}. <span lang="en">{preview.mapping}.</span> {t("preview.values", { ranges: ranges.join("; ") })}
      </figcaption>
    </figure>
  );
}

/** What stands at the top of the recipe while something hinders: a run that goes, files that a link asks for, images that fit no network of one's own. */
import { useTranslation } from "react-i18next";
import type { ImagesRole } from "../state/files";
import { missingInputs } from "../state/files";
import { useLab } from "../state/react";
import { Button } from "../ui/button";
import { useBusy } from "./bound";
import { FileButton } from "./file-field";
import { MissingFiles } from "./missing-files";
import { Assumption, Doubt } from "./preprocessing-notes";
import styles from "./recipe.module.css";

export function Notices(): React.ReactNode {
  const { t } = useTranslation("recipe");
  const busy = useBusy();
  if (busy) return <p className={styles.notice}>{t("busy")}</p>;
  return (
    <>
      <MissingFiles />
      <OwnImages />
      <div className={styles.stays}>
        <Doubt />
      </div>
      <Assumption />
    </>
  );
}

/** A network of one's own beside the built-in images. */
function OwnImages(): React.ReactNode {
  const { t } = useTranslation("recipe");
  const missing = useLab((lab) => missingInputs(lab).join());
  const name = useLab((lab) => lab.recipe.model.name);
  const useBuiltinImages = useLab((lab) => lab.useBuiltinImages);
  const change = useLab((lab) => lab.change);
  if (missing === "") return null;
  const roles = missing.split(",") as ImagesRole[];
  return (
    <div className={styles.notice} role="note">
      <p>{t("ownImages.text", { name })}</p>
      <div className={styles.ways}>
        {roles.map((role) => (
          <FileButton key={role} role={role} kind="files" isDisabled={false} isExtra label={t("files.choose", { what: t(`files.${role}.label`) })}>
            {t(`files.${role}.label`)}…
          </FileButton>
        ))}
      </div>
      {roles.includes("evaluation") ? (
        <Button look="quiet" onPress={() => change({ evaluation: null })}>
          {t("files.noTest")}
        </Button>
      ) : null}
      <Button look="quiet" onPress={useBuiltinImages}>
        {t("ownImages.builtin")}
      </Button>
    </div>
  );
}

/**
 * All files that a recipe asks for, at once: each by name and hash, with the ways to bring it. While a shared result stands on the
 * page, it says so itself (share/needed-list.tsx).
 */
import { useTranslation } from "react-i18next";
import type { FileRole } from "../../session/inputs/sources";
import { neededFiles } from "../state/opened";
import { useLab } from "../state/react";
import { Button } from "../ui/button";
import { onDemand } from "../ui/lazy";
import { FileButton } from "./file-field";
import styles from "./recipe.module.css";

const Offer = onDemand(async () => (await import("./offer")).Offer);

export function MissingFiles(): React.ReactNode {
  const { t } = useTranslation("recipe");
  const recipe = useLab((lab) => lab.recipe);
  const given = useLab((lab) => lab.files);
  const opened = useLab((lab) => lab.opened !== null);
  const takeDemo = useLab((lab) => lab.takeDemo);
  const wanted = neededFiles(recipe, given).map(({ role, files: { name, sha256, from } }) => ({ role, name, sha256, isOffered: from !== undefined }));
  if (opened || wanted.length === 0) return null;
  return (
    <div className={styles.notice} role="note" data-testid="missing-files">
      <p>{t("missing.text", { count: wanted.length })}</p>
      <ul className={styles.missing}>
        {wanted.map((one) => (
          <MissingFile key={one.role} {...one} />
        ))}
      </ul>
      <div className={styles.ways}>
        <Button look="quiet" onPress={() => takeDemo()}>
          {t("missing.demo")}
        </Button>
      </div>
    </div>
  );
}

interface MissingFileProps {
  readonly role: FileRole;
  readonly name: string;
  readonly sha256: string | null;
  /** Whether the recipe says where on the web it is. */
  readonly isOffered: boolean;
}

function MissingFile({ role, name, sha256, isOffered }: MissingFileProps): React.ReactNode {
  const { t } = useTranslation("recipe");
  return (
    <li>
      <div>
        {t(`files.${role}.label`)}: <b>{name}</b>
      </div>
      {sha256 ? <code className={styles.hash}>sha256 {sha256.slice(0, 12)}…</code> : null}
      {isOffered ? <Offer role={role} /> : null}
      <div className={styles.ways}>
        <FileButton role={role} kind="files" isDisabled={false} isExtra label={t("missing.choose", { name })}>
          {t("files.file")}
        </FileButton>
        <FileButton role={role} kind="folder" isDisabled={false} isExtra label={t("missing.chooseFolder", { name })}>
          {t("files.folder")}
        </FileButton>
      </div>
    </li>
  );
}

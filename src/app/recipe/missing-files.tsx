/** All files that an opened recipe asks for, at once: each by name and hash, with the ways to bring it. */
import { FileTrigger } from "react-aria-components";
import { useTranslation } from "react-i18next";
import type { FileRole } from "../../session/inputs/sources";
import { neededFiles } from "../state/opened";
import { useLab } from "../state/react";
import { Button } from "../ui/button";
import { onDemand } from "../ui/lazy";
import { FileButton } from "./file-field";
import { matched } from "./missing";
import styles from "./recipe.module.css";
import { chosenFiles, sentFiles } from "./sent-files";

const Offer = onDemand(async () => (await import("./offer")).Offer);

export function MissingFiles(): React.ReactNode {
  const { t } = useTranslation("recipe");
  const recipe = useLab((lab) => lab.recipe);
  const given = useLab((lab) => lab.files);
  const choose = useLab((lab) => lab.choose);
  const complain = useLab((lab) => lab.complain);
  const takeDemo = useLab((lab) => lab.takeDemo);
  const wanted = neededFiles(recipe, given).map(({ role, files: { name, sha256, from } }) => ({ role, name, sha256, isOffered: from !== undefined }));
  if (wanted.length === 0) return null;
  /** Files chosen all at once go where their names are asked for. */
  const takeAll = (list: FileList | null) => {
    const found = matched(chosenFiles(list ?? []), wanted);
    for (const [role, files] of found) choose(role, sentFiles(files), null);
    if (found.size === 0) complain(t("missing.noneFits", { names: wanted.map(({ name }) => name).join(", ") }));
  };
  return (
    <div className={styles.notice} role="note" data-testid="missing-files">
      <p>{t("missing.text", { count: wanted.length })}</p>
      <ul className={styles.missing}>
        {wanted.map((one) => (
          <MissingFile key={one.role} {...one} />
        ))}
      </ul>
      <div className={styles.ways}>
        {wanted.length > 1 ? (
          <FileTrigger allowsMultiple onSelect={takeAll} data-testid="all-files">
            <Button>{t("missing.all")}</Button>
          </FileTrigger>
        ) : null}
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
  const acceptAny = useLab((lab) => lab.acceptAny);
  const refusal = useLab((lab) => lab.refused[role]);
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
      {refusal && sha256 ? (
        <>
          <p className={styles.refusal} lang="en">
            {refusal.message}
          </p>
          <Button look="quiet" onPress={() => acceptAny(role)}>
            {t("missing.any")}
          </Button>
        </>
      ) : null}
    </li>
  );
}

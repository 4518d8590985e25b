/**
 * A network or images: what stands there at the moment, and the ways to put something else there: files, a folder, the web,
 * or a drop anywhere on the page (shell/drop.tsx).
 */
import { FileText, FolderOpen, Globe } from "lucide-react";
import { useId, useState } from "react";
import { FileTrigger } from "react-aria-components";
import { useTranslation } from "react-i18next";
import type { FileRole } from "../../session/inputs/sources";
import { useLab } from "../state/react";
import { Button } from "../ui/button";
import { Field, type WayBack } from "../ui/field";
import { onDemand } from "../ui/lazy";
import { useBusy } from "./bound";
import styles from "./recipe.module.css";
import { chosenFiles, sentFiles } from "./sent-files";

const FromWeb = onDemand(async () => (await import("./from-web")).FromWeb);

interface FileFieldProps {
  readonly files: FileRole;
  readonly wayBack: WayBack | null;
  /** What of it stands below the ways to choose. */
  readonly children?: React.ReactNode;
}

export function FileField({ files: role, wayBack, children }: FileFieldProps): React.ReactNode {
  const { t } = useTranslation("recipe");
  const id = useId();
  const isDisabled = useBusy();
  // A recipe's hash holds a file to what it was made with, until a person says otherwise.
  const held = useLab(({ recipe: { [role]: named } }) => named !== null && named.kind !== "builtin" && named.sha256 !== null);
  const acceptAny = useLab((lab) => lab.acceptAny);
  const refusal = useLab((lab) => lab.refused[role]);
  const [asked, setAsked] = useState(false);
  const label = t(`files.${role}.label`);
  return (
    <div data-role={role}>
      <Field label={label} labelId={id} wayBack={wayBack} isDisabled={isDisabled}>
        <FileState role={role} />
        {refusal ? (
          <div className={styles.refusal}>
            {t("files.refused", { name: refusal.name })} <span lang="en">{refusal.message}</span>
            {held ? (
              <Button look="quiet" isDisabled={isDisabled} onPress={() => acceptAny(role)}>
                {t("missing.any")}
              </Button>
            ) : null}
          </div>
        ) : null}
        <div className={styles.ways}>
          <FileButton role={role} kind="files" isDisabled={isDisabled} label={t("files.choose", { what: label })}>
            <FileText aria-hidden />
            {t("files.file")}
          </FileButton>
          <FileButton role={role} kind="folder" isDisabled={isDisabled} label={t("files.chooseFolder", { what: label })}>
            <FolderOpen aria-hidden />
            {t("files.folder")}
          </FileButton>
          <Button aria-expanded={asked} aria-label={t("files.fromWeb", { what: label })} isDisabled={isDisabled} onPress={() => setAsked(!asked)}>
            <Globe aria-hidden />
            {t("files.web")}
          </Button>
        </div>
        <Hint role={role} />
        {asked && !isDisabled ? <FromWeb role={role} label={label} /> : null}
        {children}
      </Field>
    </div>
  );
}

interface FileButtonProps {
  readonly role: FileRole;
  readonly kind: "files" | "folder";
  readonly label: string;
  readonly isDisabled: boolean;
  /** Set where it stands in a notice, beside the field that has its own. */
  readonly isExtra?: boolean;
  readonly children: React.ReactNode;
}

/** A button that opens the platform's dialog for files or a folder of a role. */
export function FileButton({ role, kind, label, isDisabled, isExtra = false, children }: FileButtonProps): React.ReactNode {
  const { t } = useTranslation("recipe");
  const choose = useLab((lab) => lab.choose);
  const complain = useLab((lab) => lab.complain);
  const take = (list: FileList | null) => {
    const files = chosenFiles(list ?? []);
    if (files.length > 0) choose(role, sentFiles(files), null);
    else complain(t(`files.${role}.empty`));
  };
  const data = isExtra ? { "data-extra": role } : kind === "folder" ? { "data-folder": role } : { "data-role": role };
  return (
    <FileTrigger allowsMultiple acceptDirectory={kind === "folder"} onSelect={take} {...data}>
      <Button aria-label={label} isDisabled={isDisabled}>
        {children}
      </Button>
    </FileTrigger>
  );
}

/** What stands there: something built in, a chosen file with its hash where it is known, or what a recipe asks for. */
function FileState({ role }: { readonly role: FileRole }): React.ReactNode {
  const { t } = useTranslation("recipe");
  const named = useLab((lab) => lab.recipe[role]);
  const given = useLab((lab) => lab.files[role]);
  const hash = useLab((lab) => knownHash(role, lab));
  if (named === null) return <p className={styles.state}>{t("files.none")}</p>;
  if (named.kind === "builtin")
    return (
      <p className={styles.state}>
        {role === "model" ? t(`models.${named.name}` as "models.shapes-resnet14") : t("files.builtin", { count: "count" in named ? named.count : 0 })}
      </p>
    );
  return (
    <p className={given === null ? styles.asked : styles.state}>
      {given === null ? t("files.needs", { name: named.name }) : given}
      {hash ? <code className={styles.hash}>sha256 {hash.slice(0, 12)}…</code> : null}
    </p>
  );
}

/** A file's hash: what the recipe asks for, or what the last run read under this name. */
function knownHash(role: FileRole, lab: { readonly recipe: HashedRecipe; readonly view: { readonly recipe: HashedRecipe | null } }): string | null {
  const [named, read] = [lab.recipe[role], lab.view.recipe?.[role] ?? null];
  if (!named || named.kind === "builtin") return null;
  if (named.sha256) return named.sha256;
  return read && read.kind !== "builtin" && read.name === named.name ? (read.sha256 ?? null) : null;
}

type HashedRecipe = Readonly<Record<FileRole, { readonly kind: string; readonly name: string; readonly sha256?: string | null } | null>>;

/** Which files are taken: in a few words, and all of it by a click. */
function Hint({ role }: { readonly role: FileRole }): React.ReactNode {
  const { t } = useTranslation("recipe");
  const [whole, setWhole] = useState(false);
  return (
    <p className={styles.hint}>
      {whole ? t(`files.${role}.hint`) : t(`files.${role}.short`)}{" "}
      <Button look="quiet" aria-expanded={whole} aria-label={t("files.more", { what: t(`files.${role}.label`) })} onPress={() => setWhole(!whole)}>
        {t(whole ? "less" : "more")}
      </Button>
    </p>
  );
}

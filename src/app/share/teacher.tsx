/** What the link shows to a class: parts that are hidden, a view that is kept, how it looks. The address is built from it. */
import { useId } from "react";
import { Checkbox, CheckboxGroup, Label } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { LANGUAGE_NAMES, LANGUAGES, type Language } from "../i18n";
import { HIDEABLE, type Hideable, VIEWS, type ViewName } from "../state/place";
import { Choice } from "../ui/choice";
import { Section } from "../ui/section";
import type { Switches } from "./address";
import styles from "./share-dialog.module.css";

interface TeacherProps {
  readonly switches: Switches;
  onChange(switches: Switches): void;
}

export function Teacher({ switches, onChange }: TeacherProps): React.ReactNode {
  const { t } = useTranslation("share");
  const { t: shell } = useTranslation("shell");
  const lockId = useId();
  const set = (change: Partial<Switches>) => onChange({ ...switches, ...change });
  const asChosen = ["", t("dialog.asChosen")] as const;
  return (
    <Section title={t("dialog.teacher")}>
      <CheckboxGroup
        className={styles.checks as string}
        value={[...switches.hide]}
        onChange={(names) => set({ hide: new Set(HIDEABLE.filter((name) => names.includes(name))) })}
      >
        <Label className={styles.label as string}>{t("dialog.hide")}</Label>
        {HIDEABLE.map((name: Hideable) => (
          <Checkbox key={name} value={name} className={styles.check as string}>
            <span className={styles.box} aria-hidden />
            {t(`dialog.hideable.${name}`)}
          </Checkbox>
        ))}
      </CheckboxGroup>
      <div className={styles.pair}>
        <Choice<ViewName>
          label={t("dialog.view")}
          value={switches.view}
          options={VIEWS.map((view) => [view, shell(`views.${view}`)] as const)}
          onChange={(view) => set({ view })}
        />
        <Checkbox id={lockId} className={styles.check as string} isSelected={switches.locked} onChange={(locked) => set({ locked })}>
          <span className={styles.box} aria-hidden />
          {t("dialog.lock")}
        </Checkbox>
        <Choice
          label={t("dialog.theme")}
          value={switches.theme ?? ""}
          options={[asChosen, ["light", t("dialog.light")], ["dark", t("dialog.dark")]]}
          onChange={(theme) => set({ theme: theme === "" ? null : theme })}
        />
        <Choice<Language | "">
          label={t("dialog.language")}
          value={switches.language ?? ""}
          options={[asChosen, ...LANGUAGES.map((language) => [language, LANGUAGE_NAMES[language]] as const)]}
          onChange={(language) => set({ language: language === "" ? null : language })}
        />
        <Choice
          label={t("dialog.size")}
          value={switches.size ?? ""}
          options={[asChosen, ["large", t("dialog.projector")]]}
          onChange={(size) => set({ size: size === "" ? null : size })}
        />
      </div>
    </Section>
  );
}

/** A network or images from the web: an address, the host that will be asked, what it has, and what was fetched before. */
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { FileRole } from "../../session/inputs/sources";
import { HUB } from "../../session/web/address";
import { useFormat } from "../i18n/format";
import { Button } from "../ui/button";
import { Field } from "../ui/field";
import controls from "../ui/field.module.css";
import { NumberField } from "../ui/number-field";
import { useInRange } from "./bound";
import styles from "./recipe.module.css";
import { ROWS, type Settings, type Step, useWebSteps, type WebSteps } from "./web-steps";
import { WebWaiting } from "./web-waiting";

interface FromWebProps {
  readonly role: FileRole;
  /** What the field beside it is called. */
  readonly label: string;
}

export function FromWeb({ role, label }: FromWebProps): React.ReactNode {
  const { t } = useTranslation("recipe");
  const steps = useWebSteps(role);
  const [text, setText] = useState("");
  const [token, setToken] = useState("");
  const [rows, setRows] = useState(ROWS);
  const settings = { token, rows };
  const { step } = steps;
  const waiting = step.kind === "waiting";
  const id = useId();
  const inRange = useInRange(1, 100000, true);
  return (
    <fieldset className={styles.web} aria-label={t("web.title", { what: label })}>
      <Field label={t("web.address.label")} labelId={`${id}-label`} help={t("web.address.help")} helpId={`${id}-help`}>
        <div className={styles.address}>
          <input
            aria-label={t("web.address.of", { what: label })}
            aria-describedby={`${id}-help`}
            className={controls.control}
            placeholder={t(role === "model" ? "web.address.model" : "web.address.images")}
            value={text}
            disabled={waiting}
            onChange={(event) => setText(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter") steps.type(text);
            }}
          />
          <Button isDisabled={text.trim() === "" || waiting} onPress={() => steps.type(text)}>
            {t("web.lookUp")}
          </Button>
        </div>
      </Field>
      <CurrentStep step={step} steps={steps} settings={settings} />
      {steps.error ? (
        <p className={styles.refusal} role="alert" lang="en">
          {steps.error}
        </p>
      ) : null}
      {steps.notes.map((note) => (
        <p key={note} className={styles.notice} lang="en">
          {note}
        </p>
      ))}
      {role === "model" ? null : (
        <NumberField
          label={t("web.rows.label")}
          help={t("web.rows.help")}
          value={rows}
          inputMode="numeric"
          wayBack={rows === ROWS ? null : { text: String(ROWS), reset: () => setRows(ROWS) }}
          format={String}
          parse={inRange}
          onChange={setRows}
        />
      )}
      <details>
        <summary>{t("web.token.title")}</summary>
        <input
          type="password"
          autoComplete="off"
          aria-label={t("web.token.of", { what: label })}
          aria-describedby={`${id}-token`}
          className={controls.control}
          value={token}
          onChange={(event) => setToken(event.target.value)}
        />
        <p id={`${id}-token`} className={styles.hint}>
          {t("web.token.help", { host: new URL(HUB).host })}
        </p>
      </details>
      <KeptList steps={steps} label={label} />
    </fieldset>
  );
}

interface StepsProps {
  readonly step: Step;
  readonly steps: WebSteps;
  readonly settings: Settings;
}

function CurrentStep({ step, steps, settings }: StepsProps): React.ReactNode {
  const { t } = useTranslation("recipe");
  const format = useFormat();
  if (step.kind === "typing") return null;
  if (step.kind === "waiting") return <WebWaiting step={step} onStop={steps.cancel} />;
  if (step.kind === "confirm") {
    const { address, host } = step;
    const what = address.kind === "url" ? address.url : (address.path ?? t("web.listOf", { id: address.id }));
    return (
      <div className={styles.notice}>
        <p>{t("web.confirm", { host, what })}</p>
        <div className={styles.ways}>
          <Button look="primary" onPress={() => steps.ask(address, settings)}>
            {t("web.ask", { host })}
          </Button>
          <Button onPress={steps.cancel}>{t("web.doNotAsk")}</Button>
        </div>
      </div>
    );
  }
  return (
    <ul className={styles.found} aria-label={t("web.found")}>
      {step.choices.map((picked) => (
        <li key={picked.title}>
          <Button look="quiet" onPress={() => steps.pick(picked, settings)}>
            {picked.title}
          </Button>
          <span className={styles.hint}>{picked.size === null ? "" : format.bytes(picked.size)}</span>
        </li>
      ))}
    </ul>
  );
}

/** What was fetched before: it is used without asking anyone. */
function KeptList({ steps, label }: { readonly steps: WebSteps; readonly label: string }): React.ReactNode {
  const { t } = useTranslation("recipe");
  const format = useFormat();
  const { kept, place } = steps;
  if (kept.length === 0) return null;
  return (
    <div>
      <p className={styles.hint}>{t("web.kept.title", { place })}</p>
      <ul className={styles.found} aria-label={t("web.kept.of", { what: label })}>
        {kept.map((entry) => (
          <li key={entry.key}>
            <Button look="quiet" onPress={() => steps.use(entry)}>
              {entry.name}
            </Button>
            <span className={styles.hint}>
              {entry.host}, {format.bytes(entry.files.reduce((sum, { size }) => sum + size, 0))}
            </span>
            <Button look="quiet" aria-label={t("web.kept.deleteOf", { name: entry.name })} onPress={() => steps.remove(entry)}>
              {t("web.kept.delete")}
            </Button>
          </li>
        ))}
      </ul>
    </div>
  );
}

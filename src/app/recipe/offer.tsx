/** One click for the very file that an opened recipe names by an address on the web; its content is checked against the recipe. */
import { useTranslation } from "react-i18next";
import type { FileRole } from "../../session/inputs/sources";
import { HUB, hostOf, parseKept, type WebAddress } from "../../session/web/address";
import { useLab } from "../state/react";
import { Button } from "../ui/button";
import styles from "./recipe.module.css";
import { ROWS, useWebSteps } from "./web-steps";
import { WebWaiting } from "./web-waiting";

export function Offer({ role }: { readonly role: FileRole }): React.ReactNode {
  const { t } = useTranslation("recipe");
  const steps = useWebSteps(role);
  const named = useLab((lab) => lab.recipe[role]);
  if (!named || named.kind === "builtin" || !named.from) return null;
  if (steps.step.kind === "waiting") return <WebWaiting step={steps.step} onStop={steps.cancel} />;
  const address = keptAddress(named.from);
  if (typeof address === "string")
    return (
      <p className={styles.refusal} role="alert" lang="en">
        {address}
      </p>
    );
  return (
    <>
      <Button look="primary" onPress={() => steps.fetchOffered(address, named.sha256, { token: "", rows: ROWS })}>
        {t("web.fetch", { name: named.name, host: hostOf(address, HUB) })}
      </Button>
      <span className={styles.hint}>{named.from}</span>
      {steps.error ? (
        <p className={styles.refusal} role="alert" lang="en">
          {steps.error}
        </p>
      ) : null}
    </>
  );
}

/** A recipe's address, or why it is none: a link is a stranger's data. */
function keptAddress(from: string): WebAddress | string {
  try {
    return parseKept(from, HUB, location.origin);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

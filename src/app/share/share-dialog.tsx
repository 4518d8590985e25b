/**
 * Sharing: the link with its QR code, the same run on the command line, the page in a frame elsewhere, the report as a file, and what the link
 * shows to a class. Before anything has run the settings alone are shared, and that is said.
 */
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { ARITHMETIC_VERSION } from "../../session/share/arithmetic";
import { quantizeCommand, verifyCommand } from "../../session/share/command";
import { writeLink } from "../../session/share/link";
import { sharedRecipe, sharedReport } from "../../session/share/shared";
import { useFormat } from "../i18n/format";
import { layerNames } from "../state/opened";
import { useLab } from "../state/react";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { save } from "../ui/save";
import { Section } from "../ui/section";
import { Segments } from "../ui/segments";
import { addressOf, embedding, OPEN } from "./address";
import { Copied } from "./copied";
import { QrCode } from "./qr";
import styles from "./share-dialog.module.css";
import { Teacher } from "./teacher";
import { networkName } from "./words";

export function ShareDialog({ onClose }: { readonly onClose: () => void }): React.ReactNode {
  const { t } = useTranslation("share");
  return (
    <Dialog title={t("dialog.title")} isOpen onClose={onClose}>
      <Content />
    </Dialog>
  );
}

function Content(): React.ReactNode {
  const { t } = useTranslation("share");
  const format = useFormat();
  const report = useLab((lab) => lab.view.report);
  const network = useLab((lab) => lab.view.network);
  const recipe = useLab((lab) => lab.recipe);
  const [what, setWhat] = useState<"result" | "settings">(report ? "result" : "settings");
  const [switches, setSwitches] = useState(OPEN);
  const run = useMemo(
    () => (report && what === "result" ? sharedReport(report, new Date().toISOString().slice(0, 10)) : sharedRecipe(recipe, ARITHMETIC_VERSION)),
    [report, what, recipe],
  );
  const page = addressOf(location.href, switches);
  const link = useMemo(() => {
    try {
      return { text: writeLink(page, run, network && layerNames(network)) };
    } catch (error) {
      return { failure: error instanceof Error ? error.message : String(error) };
    }
  }, [page, run, network]);
  const command = quantizeCommand(run.recipe);
  const saveRecipe = () => save("recipe.json", "application/json", `${JSON.stringify(run.recipe, null, 2)}\n`);
  return (
    <div className={styles.content}>
      {report ? (
        <Segments<"result" | "settings">
          label={t("dialog.what")}
          value={what}
          options={[
            ["result", t("dialog.result")],
            ["settings", t("dialog.settings")],
          ]}
          onChange={setWhat}
        />
      ) : (
        <p>{t("dialog.noResult")}</p>
      )}
      {link.text === undefined ? (
        <p role="alert">{t("dialog.failed", { reason: link.failure })}</p>
      ) : (
        <>
          <Copied label={t("dialog.link")} text={link.text} rows={3} testId="link" />
          <p className={styles.help}>{t("dialog.holds", { number: format.count(link.text.length) })}</p>
          <QrCode text={link.text} />
        </>
      )}
      <Teacher switches={switches} onChange={setSwitches} />
      <Section title={t("dialog.command")}>
        {command ? <Copied label={t("dialog.commandRun")} text={command.line} testId="command" /> : null}
        {link.text === undefined ? null : (
          <Copied label={t("dialog.commandVerify")} text={verifyCommand(link.text, run.recipe)} rows={3} testId="verify" />
        )}
        {command?.needsRecipe ? <p className={styles.help}>{t("dialog.commandRecipe")}</p> : null}
      </Section>
      {link.text === undefined ? null : (
        <Section title={t("dialog.embed")}>
          <Copied label="HTML" text={embedding(link.text, `BRECQ Lab: ${networkName(run.recipe)}`)} rows={4} testId="embed" />
          <p className={styles.help}>{t("dialog.embedHelp")}</p>
        </Section>
      )}
      <div className={styles.deeds}>
        <Button onPress={saveRecipe}>{t("dialog.recipe")}</Button>
        {report && what === "result" ? (
          <Button onPress={() => save("report.json", "application/json", `${JSON.stringify(report, null, 2)}\n`)}>{t("dialog.report")}</Button>
        ) : null}
      </div>
    </div>
  );
}

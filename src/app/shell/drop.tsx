/**
 * Files may be dropped anywhere. What they are is plain for most: an ONNX file or a model.json is a network; images may be for
 * calibration or for the test, so that three places appear while files hover over the page.
 */
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { FileRole } from "../../session/inputs/sources";
import { droppedFiles, sentFiles } from "../recipe/sent-files";
import { useLab } from "../state/react";
import { isBusy } from "../state/view";
import styles from "./drop.module.css";

const ROLES = ["model", "calibration", "evaluation"] as const satisfies readonly FileRole[];

export function DropAnywhere(): React.ReactNode {
  const { t } = useTranslation("shell");
  const [over, setOver] = useState<FileRole | "page" | null>(null);
  const choose = useLab((lab) => lab.choose);
  const busy = useLab((lab) => isBusy(lab.view.state));
  useEffect(() => {
    if (busy) return;
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    const roleAt = (event: DragEvent): FileRole | null => {
      const role = (event.target as Element | null)?.closest?.("[data-role]")?.getAttribute("data-role");
      return ROLES.find((name) => name === role) ?? null;
    };
    const drag = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(roleAt(event) ?? "page");
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(null);
    };
    const drop = async (event: DragEvent) => {
      if (!hasFiles(event) || !event.dataTransfer) return;
      event.preventDefault();
      const asked = roleAt(event);
      setOver(null);
      const files = await droppedFiles(event.dataTransfer);
      if (files.length === 0) return;
      const isNetwork = files.some(({ path }) => /\.(onnx|safetensors)$|(^|\/)model\.json$/i.test(path));
      choose(asked ?? (isNetwork ? "model" : "calibration"), sentFiles(files), null);
    };
    addEventListener("dragenter", drag);
    addEventListener("dragover", drag);
    addEventListener("dragleave", leave);
    addEventListener("drop", drop);
    return () => {
      removeEventListener("dragenter", drag);
      removeEventListener("dragover", drag);
      removeEventListener("dragleave", leave);
      removeEventListener("drop", drop);
    };
  }, [busy, choose]);
  if (over === null) return null;
  const names = { model: t("drop.network"), calibration: t("drop.calibration"), evaluation: t("drop.test") };
  return (
    <div className={styles.over}>
      <p className={styles.title}>{t("drop.title")}</p>
      <div className={styles.places}>
        {ROLES.map((role) => (
          <div key={role} data-role={role} className={role === over ? styles.here : styles.place}>
            {names[role]}
          </div>
        ))}
      </div>
    </div>
  );
}

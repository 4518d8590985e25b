/**
 * Files may be dropped anywhere. What they are is plain for most: an ONNX file or a model.json is a network; images may be for
 * calibration or for the test, so that three places appear while files hover over the page. What a shared result waits for is known by
 * name, and a file that the lab made says so itself.
 */
import { lazy, Suspense, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { FileRole } from "../../session/inputs/sources";
import { droppedFiles, sentFiles } from "../recipe/sent-files";
import { assignFiles } from "../share/assign";
import type { Offered } from "../share/offer";
import { neededFiles } from "../state/opened";
import { useLab } from "../state/react";
import { isBusy } from "../state/view";
import styles from "./drop.module.css";

const Offer = lazy(async () => ({ default: (await import("../share/offer")).Offer }));

/** Endings of files that the lab makes, and of how many at once the first are looked into. */
const MADE_HERE = /\.(onnx|safetensors|json|zip|html?)$/i;
const MOST_FILES = 8;

const ROLES = ["model", "calibration", "evaluation"] as const satisfies readonly FileRole[];

export function DropAnywhere(): React.ReactNode {
  const { t } = useTranslation("shell");
  const [over, setOver] = useState<FileRole | "page" | null>(null);
  const choose = useLab((lab) => lab.choose);
  const complain = useLab((lab) => lab.complain);
  const opened = useLab((lab) => lab.opened);
  const recipe = useLab((lab) => lab.recipe);
  const given = useLab((lab) => lab.files);
  const [offered, setOffered] = useState<Offered | null>(null);
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
      // What a shared result waits for, told by name; then what the lab made itself.
      const needed = opened && asked === null ? assignFiles(neededFiles(recipe, given), files) : [];
      for (const one of needed) choose(one.needed.role, sentFiles(one.files), null);
      if (needed.length > 0) return;
      if (asked === null && files.length <= MOST_FILES && files.some(({ path }) => MADE_HERE.test(path))) {
        try {
          const offer = await (await import("../share/offer")).offerOf(sentFiles(files));
          if (offer) return setOffered(offer);
        } catch (error) {
          return complain(error instanceof Error ? error.message : String(error));
        }
      }
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
  }, [busy, choose, complain, opened, recipe, given]);
  if (offered)
    return (
      <Suspense fallback={null}>
        <Offer offered={offered} onClose={() => setOffered(null)} />
      </Suspense>
    );
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

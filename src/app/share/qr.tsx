/** The link as a QR code: beside the link, over the whole screen for a lecture hall, and as a file. */
import { Maximize } from "lucide-react";
import { useMemo, useState } from "react";
import { Dialog, Modal, ModalOverlay } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { encode } from "uqr";
import { Button } from "../ui/button";
import { save } from "../ui/save";
import styles from "./share-dialog.module.css";

/** Modules of white around it, which readers ask for. */
const BORDER = 4;

/** Black modules as one path of rows; null where the text is longer than a code holds. */
function codeOf(text: string): { readonly size: number; readonly path: string } | null {
  try {
    const { size, data } = encode(text, { ecc: "L", border: BORDER });
    const runs: string[] = [];
    data.forEach((row, y) => {
      for (let x = 0; x < size; x++) {
        const from = x;
        while (row[x]) x++;
        if (x > from) runs.push(`M${from} ${y}h${x - from}v1h${from - x}z`);
      }
    });
    return { size, path: runs.join("") };
  } catch {
    return null;
  }
}

export function QrCode({ text }: { readonly text: string }): React.ReactNode {
  const { t } = useTranslation("share");
  const [large, setLarge] = useState(false);
  const code = useMemo(() => codeOf(text), [text]);
  if (!code) return <p className={styles.help}>{t("dialog.qrTooLong")}</p>;
  const { size, path } = code;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges"><rect width="${size}" height="${size}" fill="#fff"/><path d="${path}" fill="#000"/></svg>`;
  const drawing = (
    <svg role="img" aria-label={t("dialog.qrLabel")} viewBox={`0 0 ${size} ${size}`} shapeRendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
  return (
    <div className={styles.qr}>
      {drawing}
      <div className={styles.deeds}>
        <Button onPress={() => setLarge(true)}>
          <Maximize aria-hidden />
          {t("dialog.qrLarge")}
        </Button>
        <Button onPress={() => save("brecq-lab-link.svg", "image/svg+xml", svg)}>{t("dialog.qrSave")}</Button>
      </div>
      <ModalOverlay isDismissable isOpen={large} onOpenChange={setLarge} className={styles.screen as string}>
        <Modal className={styles.hall as string}>
          <Dialog aria-label={t("dialog.qrLabel")} className={styles.hall as string}>
            {drawing}
          </Dialog>
        </Modal>
      </ModalOverlay>
    </div>
  );
}

/** A dropped file that the lab made: its settings can be taken and its result verified, or it is used as the network that it is. */
import { useTranslation } from "react-i18next";
import type { Provenance } from "../../session/share/provenance";
import { readProvenance } from "../../session/share/provenance";
import { accessToBlob } from "../../session/share/random-access";
import type { SentFiles } from "../../session/worker/protocol";
import { useLab } from "../state/react";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import styles from "./share-dialog.module.css";

export interface Offered extends Provenance {
  readonly name: string;
  readonly files: SentFiles;
}

/** What the first of some files that the lab made says; null where none is. @throws BadInput where what one says is damaged */
export async function offerOf(sent: SentFiles): Promise<Offered | null> {
  for (const { path, file } of sent.files) {
    const name = path.slice(path.lastIndexOf("/") + 1);
    const found = await readProvenance(name, accessToBlob(file));
    if (found) return { ...found, name, files: sent };
  }
  return null;
}

interface OfferProps {
  readonly offered: Offered;
  onClose(): void;
}

export function Offer({ offered, onClose }: OfferProps): React.ReactNode {
  const { t } = useTranslation("share");
  const open = useLab((lab) => lab.open);
  const choose = useLab((lab) => lab.choose);
  const { run, kind, container, name, files } = offered;
  const isNetwork = kind === "onnx" || kind === "tfjs" || kind === "safetensors";
  const then = (deed: () => void) => () => {
    deed();
    onClose();
  };
  return (
    <Dialog title={t("file.question", { file: name })} isOpen onClose={onClose}>
      <div className={styles.content}>
        <p>{t("file.text")}</p>
        <div className={styles.deeds}>
          <Button look="primary" onPress={then(() => open(run, { name, kind, container, files }))}>
            {t(run.fingerprint ? "file.take" : "file.takeSettings")}
          </Button>
          {isNetwork ? <Button onPress={then(() => choose("model", files, null))}>{t("file.asNetwork")}</Button> : null}
        </div>
      </div>
    </Dialog>
  );
}

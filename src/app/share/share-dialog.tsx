/** Sharing a result. */
import { useTranslation } from "react-i18next";
import { Dialog } from "../ui/dialog";

export function ShareDialog({ onClose }: { readonly onClose: () => void }): React.ReactNode {
  const { t } = useTranslation("shell");
  return (
    <Dialog title={t("header.share")} isOpen onClose={onClose}>
      {null}
    </Dialog>
  );
}

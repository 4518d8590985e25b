/** A dialog over the page, and a drawer that comes from the side (or the foot of a phone's screen). */
import { X } from "lucide-react";
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { Button } from "./button";
import styles from "./dialog.module.css";

export interface DialogProps {
  readonly title: string;
  readonly isOpen: boolean;
  /** Where it comes from. */
  readonly from?: "middle" | "side";
  readonly children: React.ReactNode;
  onClose(): void;
}

export function Dialog({ title, isOpen, from = "middle", children, onClose }: DialogProps): React.ReactNode {
  const { t } = useTranslation("shell");
  return (
    <ModalOverlay isDismissable isOpen={isOpen} onOpenChange={(open) => (open ? undefined : onClose())} className={styles.overlay as string}>
      <Modal className={`${styles.modal} ${styles[from]}`}>
        <AriaDialog className={styles.dialog as string}>
          <div className={styles.head}>
            <Heading slot="title" level={2}>
              {title}
            </Heading>
            <Button look="quiet" aria-label={t("close")} onPress={onClose}>
              <X aria-hidden />
            </Button>
          </div>
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

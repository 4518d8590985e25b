/** A part of the recipe that folds; while it is closed a line under its title says what is set. */
import { ChevronRight } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Button as AriaButton, Disclosure, DisclosurePanel, Heading } from "react-aria-components";
import styles from "./section.module.css";

export interface SectionProps {
  readonly title: string;
  /** What is set, in a few words. */
  readonly summary?: React.ReactNode;
  /** Said at the right of the title: how much differs from the defaults. */
  readonly note?: React.ReactNode;
  /** Open at first, and opened again whenever this becomes true. */
  readonly isOpen?: boolean;
  /** Where it becomes true, the section opens, comes into sight and takes the focus; then `onShown` is called. */
  readonly isAsked?: boolean;
  onShown?(): void;
  readonly children: React.ReactNode;
}

export function Section({ title, summary, note, isOpen = false, isAsked = false, onShown, children }: SectionProps): React.ReactNode {
  const [open, setOpen] = useState(isOpen);
  useEffect(() => {
    if (isOpen) setOpen(true);
  }, [isOpen]);
  const trigger = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!isAsked) return;
    setOpen(true);
    trigger.current?.scrollIntoView({ block: "start" });
    trigger.current?.focus();
    onShown?.();
  }, [isAsked, onShown]);
  return (
    <Disclosure className={styles.section as string} isExpanded={open} onExpandedChange={setOpen}>
      <Heading level={2} className={styles.heading as string}>
        <AriaButton slot="trigger" ref={trigger} className={styles.trigger as string}>
          <ChevronRight aria-hidden className={styles.arrow} />
          <span className={styles.title}>{title}</span>
          {note ? <span className={styles.note}>{note}</span> : null}
          {summary ? <span className={styles.summary}>{summary}</span> : null}
        </AriaButton>
      </Heading>
      <DisclosurePanel className={styles.panel as string}>
        <div className={styles.inner}>{children}</div>
      </DisclosurePanel>
    </Disclosure>
  );
}

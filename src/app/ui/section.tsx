/** A part of the recipe that folds; its summary line says what is set while it is closed. */
import { ChevronRight } from "lucide-react";
import { Button as AriaButton, Disclosure, DisclosurePanel, Heading } from "react-aria-components";
import styles from "./section.module.css";

export interface SectionProps {
  readonly title: string;
  /** What is set, in a few words. */
  readonly summary?: React.ReactNode;
  readonly isOpen?: boolean;
  readonly children: React.ReactNode;
}

export function Section({ title, summary, isOpen = false, children }: SectionProps): React.ReactNode {
  return (
    <Disclosure className={styles.section as string} defaultExpanded={isOpen}>
      <Heading level={3} className={styles.heading as string}>
        <AriaButton slot="trigger" className={styles.trigger as string}>
          <ChevronRight aria-hidden className={styles.arrow} />
          <span className={styles.title}>{title}</span>
          {summary ? <span className={styles.summary}>{summary}</span> : null}
        </AriaButton>
      </Heading>
      <DisclosurePanel className={styles.panel as string}>
        <div className={styles.inner}>{children}</div>
      </DisclosurePanel>
    </Disclosure>
  );
}

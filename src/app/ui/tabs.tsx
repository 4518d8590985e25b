/** Tabs within a view. */
import { Tabs as AriaTabs, Tab, TabList, TabPanel } from "react-aria-components";
import styles from "./tabs.module.css";

export interface TabEntry {
  readonly id: string;
  readonly title: React.ReactNode;
  readonly content: React.ReactNode;
}

interface TabsProps {
  readonly label: string;
  readonly tabs: readonly TabEntry[];
  readonly selected?: string;
  onSelect?(id: string): void;
}

export function Tabs({ label, tabs, selected, onSelect }: TabsProps): React.ReactNode {
  return (
    <AriaTabs
      className={styles.tabs as string}
      {...(selected === undefined ? {} : { selectedKey: selected })}
      onSelectionChange={(key) => onSelect?.(String(key))}
    >
      <TabList aria-label={label} className={styles.list as string}>
        {tabs.map(({ id, title }) => (
          <Tab key={id} id={id} className={styles.tab as string}>
            {title}
          </Tab>
        ))}
      </TabList>
      {tabs.map(({ id, content }) => (
        <TabPanel key={id} id={id} className={styles.panel as string}>
          {content}
        </TabPanel>
      ))}
    </AriaTabs>
  );
}

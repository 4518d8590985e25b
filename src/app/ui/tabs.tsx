/**
 * Tabs within a view. The panel is our own: React Aria's looks through all that is in it for something that takes the focus
 * whenever an element comes or goes, which costs a layout each time, and live charts change ten times a second.
 */
import { useContext } from "react";
import { useTabPanel } from "react-aria/useTabList";
import { Tabs as AriaTabs, Tab, TabList, TabListStateContext } from "react-aria-components";
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
      <Panel tabs={tabs} />
    </AriaTabs>
  );
}

/** An element that is never there, so that none is looked through; the panel takes the focus itself instead. */
const NOWHERE = { current: null };

function Panel({ tabs }: Pick<TabsProps, "tabs">): React.ReactNode {
  const state = useContext(TabListStateContext);
  const shown = tabs.find(({ id }) => id === state?.selectedKey);
  // Without a state this is where React Aria collects the tabs.
  if (!state || !shown) return null;
  // A panel each, for an element keeps the first id that it is given.
  return (
    <OnePanel key={shown.id} state={state}>
      {shown.content}
    </OnePanel>
  );
}

interface OnePanelProps {
  readonly state: React.ContextType<typeof TabListStateContext>;
  readonly children: React.ReactNode;
}

function OnePanel({ state, children }: OnePanelProps): React.ReactNode {
  const { tabPanelProps } = useTabPanel({}, state, NOWHERE);
  return (
    <div {...tabPanelProps} className={styles.panel}>
      {children}
    </div>
  );
}

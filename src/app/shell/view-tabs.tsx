/** The views as links of the page: each has an address of its own, and works with the browser's own ways of opening links. */
import { useTranslation } from "react-i18next";
import { usePlace, VIEWS } from "../state/place";
import styles from "./view-tabs.module.css";

export function ViewTabs(): React.ReactNode {
  const { t } = useTranslation("shell");
  const view = usePlace((place) => place.view);
  const lock = usePlace((place) => place.lock);
  const go = usePlace((place) => place.go);
  return (
    <nav aria-label={t("views.label")} className={styles.tabs}>
      {VIEWS.filter((name) => lock === null || name === lock).map((name) => (
        <a
          key={name}
          href={`?view=${name}`}
          className={name === view ? styles.current : styles.tab}
          aria-current={name === view ? "page" : undefined}
          onClick={(event) => {
            if (event.metaKey || event.ctrlKey || event.shiftKey) return;
            event.preventDefault();
            go({ view: name });
          }}
        >
          {t(`views.${name}`)}
        </a>
      ))}
    </nav>
  );
}

/** How the page looks, and in which language it speaks. */
import { useTranslation } from "react-i18next";
import { LANGUAGE_NAMES, LANGUAGES, type Language, setLanguage } from "../i18n";
import { rememberLook, usePlace } from "../state/place";
import { Segments } from "../ui/segments";
import styles from "./look.module.css";

export function Look(): React.ReactNode {
  const { t, i18n } = useTranslation("shell");
  const theme = usePlace((place) => place.theme);
  const size = usePlace((place) => place.size);
  const look = usePlace((place) => place.look);
  return (
    <div className={styles.look}>
      <Segments
        label={t("look.theme")}
        value={theme}
        options={[
          ["system", t("look.system")],
          ["light", t("look.light")],
          ["dark", t("look.dark")],
        ]}
        onChange={(choice) => look({ theme: choice })}
      />
      <Segments
        label={t("look.size")}
        value={size}
        options={[
          ["normal", t("look.normal")],
          ["large", t("look.large")],
        ]}
        onChange={(choice) => look({ size: choice })}
      />
      <Segments
        label={t("look.language")}
        value={i18n.language as Language}
        options={LANGUAGES.map(
          (language) =>
            [
              language,
              <span key={language} lang={language}>
                {LANGUAGE_NAMES[language]}
              </span>,
            ] as const,
        )}
        onChange={(language) => {
          rememberLook({ language });
          void setLanguage(language);
          const query = new URLSearchParams(location.search);
          query.set("lang", language);
          history.replaceState(null, "", `${location.pathname}?${query}${location.hash}`);
        }}
      />
    </div>
  );
}

/** The view "learn". */
import { useTranslation } from "react-i18next";

export function LearnView(): React.ReactNode {
  const { t } = useTranslation("shell");
  return <h2>{t("views.learn")}</h2>;
}

/** The view "compare". */
import { useTranslation } from "react-i18next";

export function CompareView(): React.ReactNode {
  const { t } = useTranslation("shell");
  return <h2>{t("views.compare")}</h2>;
}

/** The view "inspect". */
import { useTranslation } from "react-i18next";

export function InspectView(): React.ReactNode {
  const { t } = useTranslation("shell");
  return <h2>{t("views.inspect")}</h2>;
}

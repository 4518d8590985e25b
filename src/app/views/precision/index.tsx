/** The view "precision". */
import { useTranslation } from "react-i18next";

export function PrecisionView(): React.ReactNode {
  const { t } = useTranslation("shell");
  return <h2>{t("views.precision")}</h2>;
}

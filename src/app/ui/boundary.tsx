/** Around each part of the page: one that breaks says so and can be tried again, and takes nothing else with it. */
import { ErrorBoundary } from "react-error-boundary";
import { useTranslation } from "react-i18next";
import styles from "./boundary.module.css";
import { Button } from "./button";

export function Boundary({ name, children }: { readonly name: string; readonly children: React.ReactNode }): React.ReactNode {
  const { t } = useTranslation("shell");
  return (
    <ErrorBoundary
      fallbackRender={({ error, resetErrorBoundary }) => (
        <div role="alert" className={styles.broken}>
          <p>{t("broken.title", { name })}</p>
          <p className={styles.detail} lang="en">
            {error instanceof Error ? error.message : String(error)}
          </p>
          <Button onPress={resetErrorBoundary}>{t("broken.again")}</Button>
        </div>
      )}
    >
      {children}
    </ErrorBoundary>
  );
}

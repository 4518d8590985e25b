/** The workbench: header, views, the recipe at the side, the view in the middle. */
import { lazy, Suspense, useEffect, useState } from "react";
import { I18nProvider } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { HostNotice } from "../host/host-notice";
import { ResumeNotice } from "../resume/resume-notice";
import { usePlace, type ViewName } from "../state/place";
import { useRecipeAsked } from "../state/recipe-ask";
import { Boundary } from "../ui/boundary";
import { Dialog } from "../ui/dialog";
import { useAfterNetwork } from "./after-network";
import styles from "./app.module.css";
import { DropAnywhere } from "./drop";
import { ErrorBar } from "./error-bar";
import { Header } from "./header";
import { ViewTabs } from "./view-tabs";

const Recipe = lazy(async () => ({ default: (await import("../recipe/recipe-panel")).RecipePanel }));

const LOADED: Readonly<Record<ViewName, React.ComponentType>> = {
  quantize: lazy(async () => ({ default: (await import("../views/quantize")).QuantizeView })),
  compare: lazy(async () => ({ default: (await import("../views/compare")).CompareView })),
  precision: lazy(async () => ({ default: (await import("../views/precision")).PrecisionView })),
  inspect: lazy(async () => ({ default: (await import("../views/inspect")).InspectView })),
  learn: lazy(async () => ({ default: (await import("../views/learn")).LearnView })),
};

/** From this width on the recipe has a column of its own. */
const WIDE = "(min-width: 1100px)";

function useWide(): boolean {
  const [wide, setWide] = useState(() => matchMedia(WIDE).matches);
  useEffect(() => {
    const query = matchMedia(WIDE);
    const follow = () => setWide(query.matches);
    query.addEventListener("change", follow);
    return () => query.removeEventListener("change", follow);
  }, []);
  return wide;
}

export function App(): React.ReactNode {
  const { t, i18n } = useTranslation("shell");
  const view = usePlace((place) => place.view);
  const hide = usePlace((place) => place.hide);
  const wide = useWide();
  const afterNetwork = useAfterNetwork();
  const [drawer, setDrawer] = useState(false);
  const asked = useRecipeAsked();
  useEffect(() => {
    if (asked && !wide) setDrawer(true);
  }, [asked, wide]);
  const View = LOADED[view];
  const title = t(`views.${view}`);
  const recipe = (
    <Boundary name={t("header.recipe")}>
      <Suspense fallback={null}>{afterNetwork ? <Recipe /> : null}</Suspense>
    </Boundary>
  );
  const hasRecipe = !hide.has("recipe") && view !== "learn";
  return (
    <I18nProvider locale={i18n.language}>
      <div className={styles.lab}>
        <button type="button" className={styles.skip} onClick={() => document.getElementById("view")?.focus()}>
          {t("skip")}
        </button>
        {hide.has("header") ? null : <Header onRecipe={hasRecipe && !wide ? () => setDrawer(true) : null} />}
        {hide.has("views") ? null : <ViewTabs />}
        <ErrorBar />
        <HostNotice />
        <ResumeNotice ready={afterNetwork} />
        <div className={styles.body}>
          {hasRecipe && wide ? (
            <aside className={styles.recipe} aria-label={t("header.recipe")}>
              <h2 className="visually-hidden">{t("header.recipe")}</h2>
              {recipe}
            </aside>
          ) : null}
          <main id="view" tabIndex={-1} className={styles.view} aria-label={title}>
            <Boundary name={title} key={view}>
              <Suspense fallback={<p className={styles.loading}>{t("loading")}</p>}>
                <View />
              </Suspense>
            </Boundary>
          </main>
        </div>
        {hide.has("files") ? null : <DropAnywhere />}
        {hasRecipe && !wide ? (
          <Dialog from="side" title={t("header.recipe")} isOpen={drawer} onClose={() => setDrawer(false)}>
            {recipe}
          </Dialog>
        ) : null}
      </div>
    </I18nProvider>
  );
}

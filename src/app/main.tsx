/** Starts the page: its looks and language, the store, what the URL's fragment asks for, and React. */
import { createRoot } from "react-dom/client";
import { startHost } from "./host/live";
import { logEvents } from "./host/log";
import { firstLanguage, startLanguages } from "./i18n";
import { followRuns } from "./runs/follow";
import { runs } from "./runs/live";
import { SharedPanel } from "./share/shared-result";
import { App } from "./shell/app";
import { askBeforeLeaving } from "./state/leaving";
import { applyLook, followHistory, place, rememberedLook } from "./state/place";
import { LabContext } from "./state/react";
import { createLab } from "./state/store";
import "./theme/tokens.css";
import "./theme/base.css";

startHost();
applyLook();
followHistory();

const lab = createLab();
followRuns(lab.getState(), runs.getState().keep);
lab.getState().listen(logEvents);
askBeforeLeaving(lab);

const isShared = (fragment: string) => /^#(share|lab|run)=/.test(fragment);

async function follow(fragment: string): Promise<void> {
  try {
    const shared = isShared(fragment) ? await (await import("../session/share/link")).readLink(fragment) : null;
    if (shared) await SharedPanel.load();
    if (shared) lab.getState().open(shared);
    else if (fragment === "" || lab.getState().view.network === null) lab.getState().takeDemo();
  } catch (error) {
    lab.getState().takeDemo();
    lab.getState().complain(error instanceof Error ? error.message : String(error));
  }
}

const opening = follow(location.hash);
addEventListener("hashchange", () => void follow(location.hash));

const asked = new URLSearchParams(location.search).get("lang");
const language = firstLanguage(asked, rememberedLook().language ?? null, navigator.languages);

// No await at the top: what a link loads imports from this very script, and would wait for its end.
async function draw(): Promise<void> {
  // A shared result stands on the page from the beginning: what came later would move all that is below it.
  const namespaces = ["shell", ...(place.getState().view === "quantize" ? ["quantize"] : []), ...(isShared(location.hash) ? ["share"] : [])];
  await Promise.all([startLanguages(language, namespaces), opening]);
  createRoot(document.getElementById("root") as HTMLElement).render(
    <LabContext.Provider value={lab}>
      <App />
    </LabContext.Provider>,
  );
}

void draw();

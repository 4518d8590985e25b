/** Starts the page: the store, what the URL's fragment asks for, and React. */
import { createRoot } from "react-dom/client";
import { readLink } from "../session/share/link";
import { App } from "./app";
import { LabContext } from "./state/react";
import { createLab } from "./state/store";
import "./styles/lab.css";
import "./styles/panels.css";
import "./styles/web.css";

const lab = createLab();

async function follow(fragment: string): Promise<void> {
  try {
    const shared = await readLink(fragment);
    if (shared) lab.getState().open(shared);
    else lab.getState().takeDemo();
  } catch (error) {
    lab.getState().takeDemo();
    lab.getState().complain(error instanceof Error ? error.message : String(error));
  }
}

void follow(location.hash);
addEventListener("hashchange", () => void follow(location.hash));

createRoot(document.getElementById("root") as HTMLElement).render(
  <LabContext.Provider value={lab}>
    <App />
  </LabContext.Provider>,
);

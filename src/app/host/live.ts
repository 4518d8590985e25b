/** The host of this very page. */
import { createHost, type Host } from "./host";

let touched = false;
for (const event of ["pointerdown", "keydown", "input", "drop"])
  addEventListener(event, () => (touched = true), { once: true, capture: true, passive: true });

function sessionMemory(): Storage | null {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}

export const host: Host = createHost({
  isolated: crossOriginIsolated,
  embedded: window.top !== window,
  container: navigator.serviceWorker,
  memory: sessionMemory(),
  isTouched: () => touched,
  reload: () => location.reload(),
});

/** Not under `vite dev`, whose files change all the time. */
export function startHost(): void {
  if (!import.meta.env.PROD) return;
  const start = () => void host.start(new URL("service-worker.js", document.baseURI));
  // Where threads are missing every moment counts; where they are not, the page comes first.
  if (!crossOriginIsolated) start();
  else if (document.readyState === "complete") setTimeout(start, 3000);
  else addEventListener("load", () => setTimeout(start, 3000), { once: true });
}

/** A run that goes on would end with the page: the browser asks before it reloads, goes back or closes. What has ended is kept already. */
import type { StoreApi } from "zustand/vanilla";
import type { LabState } from "./store";
import { isBusy } from "./view";

export function askBeforeLeaving(lab: StoreApi<LabState>): void {
  const ask = (event: BeforeUnloadEvent) => event.preventDefault();
  let asks = false;
  const follow = () => {
    const busy = isBusy(lab.getState().view.state);
    if (busy === asks) return;
    asks = busy;
    // Only while it is needed: a page that listens to this is not kept for the browser's way back.
    if (busy) addEventListener("beforeunload", ask);
    else removeEventListener("beforeunload", ask);
  };
  lab.subscribe(follow);
  follow();
}

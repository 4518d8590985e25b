/** The place of a shared result, at the top of the page: nothing, and nothing loaded, where none is open. */
import { useLab } from "../state/react";
import { type OnDemand, onDemand } from "../ui/lazy";
import type { PanelProps } from "./panel";

export const SharedPanel: OnDemand<PanelProps> = onDemand(async () => (await import("./panel")).Panel);

export function SharedResult(): React.ReactNode {
  const opened = useLab((lab) => lab.opened);
  return opened ? <SharedPanel opened={opened} /> : null;
}

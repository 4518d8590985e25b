/** The place of a shared result, at the top of the page: nothing, and nothing loaded, where none is open. */
import { lazy, Suspense } from "react";
import { useLab } from "../state/react";

const Panel = lazy(async () => ({ default: (await import("./panel")).Panel }));

export function SharedResult(): React.ReactNode {
  const opened = useLab((lab) => lab.opened);
  if (!opened) return null;
  return (
    <Suspense fallback={null}>
      <Panel opened={opened} />
    </Suspense>
  );
}

/** The place of interrupted work, below the header: what there is of it is looked up once the network stands, and after work that ended early. */
import { lazy, Suspense, useContext, useEffect, useState } from "react";
import { LabContext, useLab } from "../state/react";
import { isBusy } from "../state/view";

const Bar = lazy(async () => ({ default: (await import("./resume-bar")).ResumeBar }));

/** Work that goes on for so long is worth asking the browser never to clear what is kept of it. */
const LONG_MS = 60_000;

export function ResumeNotice({ ready }: { readonly ready: boolean }): React.ReactNode {
  const lab = useContext(LabContext);
  const busy = useLab(({ view }) => isBusy(view.state));
  const [found, setFound] = useState(false);
  useEffect(() => {
    if (!ready) return;
    const look = async () => {
      const { interrupted } = await import("./interrupted");
      await interrupted.getState().look();
      const { works, elsewhere } = interrupted.getState();
      setFound(works.length > 0 || elsewhere !== null);
    };
    void look();
    return lab?.getState().listen((events) => {
      if (events.some((event) => event.type === "interrupted" || (event.type === "state" && event.state === "failed"))) void look();
    });
  }, [lab, ready]);
  useEffect(() => {
    if (!busy) return;
    const timer = setTimeout(() => void navigator.storage?.persist?.(), LONG_MS);
    return () => clearTimeout(timer);
  }, [busy]);
  return found ? (
    <Suspense fallback={null}>
      <Bar />
    </Suspense>
  ) : null;
}

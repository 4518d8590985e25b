/** Parts of the page that are loaded when they have something to show: charts bring a library of their own. */
import { lazy, Suspense, useState } from "react";

export type OnDemand<P extends object> = React.ComponentType<P> & {
  /** Loads it ahead, so that it stands as soon as it is drawn. */
  load(): Promise<unknown>;
};

/** A component that is loaded when it is drawn first; nothing stands in its place until then. */
export function onDemand<P extends object>(load: () => Promise<React.ComponentType<P>>): OnDemand<P> {
  let ready: React.ComponentType<P> | null = null;
  const fetch = async () => {
    ready = await load();
    return { default: ready };
  };
  const Loaded = lazy(fetch);
  function OnDemand(props: P): React.ReactNode {
    // What it was drawn with at first it stays, or it would lose its state.
    const [Ready] = useState(() => ready);
    if (Ready) return <Ready {...props} />;
    return (
      <Suspense fallback={null}>
        <Loaded {...props} />
      </Suspense>
    );
  }
  return Object.assign(OnDemand, { load: fetch });
}

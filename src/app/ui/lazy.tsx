/** Parts of the page that are loaded when they have something to show: charts bring a library of their own. */
import { lazy, Suspense } from "react";

/** A component that is loaded when it is drawn first; nothing stands in its place until then. */
export function onDemand<P extends object>(load: () => Promise<React.ComponentType<P>>): React.ComponentType<P> {
  const Loaded = lazy(async () => ({ default: await load() }));
  return function OnDemand(props: P): React.ReactNode {
    return (
      <Suspense fallback={null}>
        <Loaded {...props} />
      </Suspense>
    );
  };
}

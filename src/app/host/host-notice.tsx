/** The place of what the host has to say, below the header: nothing, and nothing loaded, where all is well. */
import { lazy, Suspense } from "react";
import { useStore } from "zustand";
import { host } from "./live";

const Bar = lazy(async () => ({ default: (await import("./host-bar")).HostBar }));

export function HostNotice(): React.ReactNode {
  const about = useStore(host.state, ({ threads, update }) => (update ? "update" : threads));
  if (about === "here" || about === "coming") return null;
  return (
    <Suspense fallback={null}>
      <Bar key={about} about={about} />
    </Suspense>
  );
}

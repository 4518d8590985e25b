/** The form comes after the network, on a small machine a third of a second later: a stranger looks at the network first. */
import { useEffect, useState } from "react";
import { useView } from "../state/react";

/** The form does not wait longer than this for a network that may never come. */
const MOST_MS = 1500;

/** Whether the network has been drawn once, there is something to complain about, or the time for both is over. */
export function useAfterNetwork(): boolean {
  const { network, error } = useView("network", "error");
  const [after, setAfter] = useState(false);
  const isThere = network !== null || error !== null;
  useEffect(() => {
    if (after) return;
    // Two frames: the one that is being drawn, and that it is on the screen.
    const timer = isThere ? 0 : setTimeout(() => setAfter(true), MOST_MS);
    const frame = isThere ? requestAnimationFrame(() => requestAnimationFrame(() => setAfter(true))) : 0;
    return () => {
      clearTimeout(timer);
      cancelAnimationFrame(frame);
    };
  }, [after, isThere]);
  return after;
}

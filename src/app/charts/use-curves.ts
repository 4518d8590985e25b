/** The run's loss curves, drawn anew at most once a frame however often they grow. */
import { useEffect, useReducer } from "react";
import { useLab } from "../state/react";
import type { UnitCurve } from "./curves";

export function useCurves(): readonly UnitCurve[] {
  const curves = useLab((lab) => lab.curves);
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    let frame = 0;
    const stop = curves.subscribe(() => {
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        redraw();
      });
    });
    return () => {
      stop();
      cancelAnimationFrame(frame);
    };
  }, [curves]);
  return curves.units;
}

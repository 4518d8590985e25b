/** The room that a chart has, and the size of its text, which a projector's setting makes larger. */
import { type RefObject, useEffect, useRef, useState } from "react";

export interface Room {
  /** In pixels; 0 until it is known. */
  readonly width: number;
  /** Pixels of a line of small text, 13 at least. */
  readonly text: number;
}

/** Small text on a page of 15 px. */
export const SMALL_TEXT = 13;

export function useRoom<E extends HTMLElement>(): readonly [RefObject<E | null>, Room] {
  const box = useRef<E>(null);
  const [room, setRoom] = useState<Room>({ width: 0, text: SMALL_TEXT });
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(([entry]) => {
      const root = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
      setRoom({ width: Math.floor(entry?.contentRect.width ?? 0), text: Math.max(SMALL_TEXT, (SMALL_TEXT / 15) * root) });
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [box, room];
}

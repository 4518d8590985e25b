/** A drawing's markup, made by React in an element that nobody sees: pages and files share their drawings. */
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";

/** @param drawing whose outermost element is an SVG @returns its markup; to be called from events, not while React draws */
export function markupOf(drawing: React.ReactElement): string {
  const place = document.createElement("div");
  const root = createRoot(place);
  flushSync(() => root.render(drawing));
  const svg = place.firstElementChild;
  if (!svg) throw new Error("There is nothing drawn");
  const markup = new XMLSerializer().serializeToString(svg);
  root.unmount();
  return markup;
}

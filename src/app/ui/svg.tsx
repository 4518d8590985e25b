/** A drawing that a function of src/charts made, put into the page as elements. */
import { useEffect, useRef } from "react";
import { ownDrawing } from "../../base/trusted";

interface SvgProps {
  readonly markup: string;
  /** A click on a group that names its row (data-row). */
  onRow?(row: number): void;
}

export function Svg({ markup, onRow }: SvgProps): React.ReactNode {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const { documentElement } = new DOMParser().parseFromString(ownDrawing(markup), "image/svg+xml");
    place.current?.replaceChildren(document.importNode(documentElement, true));
  }, [markup]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the same layers can be opened by the buttons of the network's drawing
    // biome-ignore lint/a11y/useKeyWithClickEvents: as above
    <div
      ref={place}
      className={onRow ? "drawing pickable" : "drawing"}
      onClick={(event) => {
        const row = (event.target as Element).closest("[data-row]")?.getAttribute("data-row");
        if (row && onRow) onRow(Number(row));
      }}
    />
  );
}

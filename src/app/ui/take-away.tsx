/** Buttons by which a drawing is taken away: as SVG, as PNG at twice its size, and its values as CSV. */
import { save } from "./save";

export interface TakeAwayProps {
  /** Of the files, without an ending. */
  readonly name: string;
  svg(): string;
  csv(): string;
}

/** Draws the SVG at twice its size. */
function savePng(name: string, svg: string): void {
  const picture = new Image();
  picture.onload = () => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [2 * picture.width, 2 * picture.height];
    canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((blob) => blob && save(name, "image/png", blob), "image/png");
  };
  picture.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

export function TakeAway({ name, svg, csv }: TakeAwayProps): React.ReactNode {
  return (
    <div className="run-buttons">
      <button type="button" className="quiet" onClick={() => save(`${name}.svg`, "image/svg+xml", svg())}>
        SVG
      </button>
      <button type="button" className="quiet" onClick={() => savePng(`${name}.png`, svg())}>
        PNG
      </button>
      <button type="button" className="quiet" onClick={() => save(`${name}.csv`, "text/csv", csv())}>
        CSV
      </button>
    </div>
  );
}

/** Buttons by which a drawing is taken away: as SVG, as PNG at twice its size, and its values as CSV. */

export interface TakeAwayProps {
  /** Of the files, without an ending. */
  readonly name: string;
  svg(): string;
  csv(): string;
}

function save(name: string, url: string): void {
  const link = document.createElement("a");
  link.download = name;
  link.href = url;
  link.click();
}

const dataUrl = (type: string, text: string) => `data:${type},${encodeURIComponent(text)}`;

function savePng(name: string, svg: string): void {
  const picture = new Image();
  picture.onload = () => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [2 * picture.width, 2 * picture.height];
    canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
    save(name, canvas.toDataURL("image/png"));
  };
  picture.src = dataUrl("image/svg+xml", svg);
}

export function TakeAway({ name, svg, csv }: TakeAwayProps): React.ReactNode {
  return (
    <div className="run-buttons">
      <button type="button" className="quiet" onClick={() => save(`${name}.svg`, dataUrl("image/svg+xml", svg()))}>
        SVG
      </button>
      <button type="button" className="quiet" onClick={() => savePng(`${name}.png`, svg())}>
        PNG
      </button>
      <button type="button" className="quiet" onClick={() => save(`${name}.csv`, dataUrl("text/csv", csv()))}>
        CSV
      </button>
    </div>
  );
}

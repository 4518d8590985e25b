/** Takes the axis away with all its rows: the drawing with their titles, and what they show of each unit as a table. */
import Papa from "papaparse";
import type { Words } from "../charts/drawn";
import { drawnSvg } from "../charts/drawn";
import { fileName, SaveChart } from "../charts/save-chart";

export interface StageFile {
  readonly title: string;
  readonly keys: readonly { readonly text: string; readonly colour: string }[];
  /** A row for each unit. */
  table(): readonly Readonly<Record<string, string | number | null>>[];
}

interface SaveStageProps {
  readonly file: StageFile;
  readonly drawing: React.RefObject<SVGSVGElement | null>;
  /** Titles of the rows, with the height at which each stands. */
  readonly titles: readonly Words[];
}

export default function SaveStage({ file, drawing, titles }: SaveStageProps): React.ReactNode {
  const svg = () => {
    if (!drawing.current) throw new Error("The axis is not drawn yet");
    const width = drawing.current.width.baseVal.value;
    const keys = file.keys.map(({ text, colour }, i) => ({ text, colour, x: width - 150 * (file.keys.length - i), y: titles[0]?.y ?? 0 }));
    return drawnSvg(drawing.current, file.title, [...titles, ...keys]);
  };
  return <SaveChart title={file.title} name={fileName(file.title)} svg={svg} csv={() => `${Papa.unparse([...file.table()], { newline: "\n" })}\n`} />;
}

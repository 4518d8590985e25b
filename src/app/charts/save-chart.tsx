/** Takes any drawing away: as PNG at twice its size, as SVG that stands alone, and its values as CSV. */
import { Download } from "lucide-react";
import { memo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../ui/button";
import { save } from "../ui/save";
import styles from "./save-chart.module.css";
import { pngOf, standaloneSvg } from "./standalone";

export interface SaveChartProps {
  /** What is drawn, for screen readers: "Save Reconstruction loss as SVG". */
  readonly title: string;
  /** Of the files, without an ending. */
  readonly name: string;
  /** An SVG element's markup; it may use the theme's tokens. Absent where there are values alone. */
  svg?(): string;
  csv(): string;
}

/** Drawn anew when its words change, not with every point of the chart. */
export const SaveChart: React.NamedExoticComponent<SaveChartProps> = memo(function SaveChart({
  title,
  name,
  svg,
  csv,
}: SaveChartProps): React.ReactNode {
  const { t } = useTranslation("charts");
  const [problem, setProblem] = useState<string | null>(null);
  const button = (kind: string, take: () => void | Promise<void>) => (
    <Button
      look="quiet"
      aria-label={t("save.as", { title, kind })}
      onPress={async () => {
        try {
          setProblem(null);
          await take();
        } catch (error) {
          setProblem(error instanceof Error ? error.message : String(error));
        }
      }}
    >
      {kind}
    </Button>
  );
  return (
    <div className={styles.save}>
      <Download aria-hidden className={styles.icon} />
      {svg ? button("PNG", async () => save(`${name}.png`, "image/png", await pngOf(standaloneSvg(svg())))) : null}
      {svg ? button("SVG", () => save(`${name}.svg`, "image/svg+xml", standaloneSvg(svg()))) : null}
      {button("CSV", () => save(`${name}.csv`, "text/csv", csv()))}
      {problem ? <span role="alert">{t("save.failed", { problem })}</span> : null}
    </div>
  );
});

/** A file's name from a chart's title: "reconstruction-loss". */
export function fileName(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, "-")
    .replaceAll(/^-|-$/g, "")
    .slice(0, 80);
}

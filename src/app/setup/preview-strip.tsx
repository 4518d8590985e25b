/** The first few calibration images as the network will see them under the preprocessing as it stands. */
import { useLab } from "../state/react";
import { Picture } from "../ui/picture";

const number = (value: number) => String(Number(value.toPrecision(3)));

export function PreviewStrip(): React.ReactNode {
  const preview = useLab((lab) => lab.view.preview);
  if (!preview) return null;
  if ("error" in preview)
    return (
      <p className="warning" role="note">
        The network cannot take the calibration images yet: {preview.error}
      </p>
    );
  const ranges = preview.ranges.map(([low, high]) => `${number(low)} to ${number(high)}`);
  return (
    <figure className="preview" aria-label="What the network will see">
      <div className="preview-images">
        {preview.images.map((image, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the strip comes as a whole
          <Picture key={index} picture={image} label={`calibration image ${index + 1} as the network sees it`} />
        ))}
      </div>
      <figcaption className="faint">
        The first calibration images as the network will see them. {preview.mapping}. Values by channel: {ranges.slice(0, 4).join("; ")}
        {ranges.length > 4 ? "; …" : ""}.
      </figcaption>
    </figure>
  );
}

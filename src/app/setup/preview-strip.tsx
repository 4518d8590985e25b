/** The first few calibration images as the network will see them under the preprocessing as it stands. */
import { useLab } from "../state/react";
import { Picture } from "../ui/picture";

const number = (value: number) => String(Number(value.toPrecision(3)));

/** The centre of each image at a network's [height, width, channels], as large as fits. */
function fitting([height = 1, width = 1]: readonly number[]): { readonly resize: number; readonly crop: readonly [number, number] } {
  return { resize: Math.max(height, width), crop: [height, width] };
}

export function PreviewStrip(): React.ReactNode {
  const preview = useLab((lab) => lab.view.preview);
  const input = useLab((lab) => lab.view.network?.input);
  const preprocessing = useLab((lab) => lab.recipe.preprocessing);
  const change = useLab((lab) => lab.change);
  if (!preview) return null;
  if ("error" in preview)
    return (
      <p className="warning" role="note">
        The network cannot take the calibration images yet: {preview.error}{" "}
        {input?.length === 3 && preprocessing.resize === null && preprocessing.crop === null ? (
          <button type="button" className="quiet" onClick={() => change({ preprocessing: { ...preprocessing, ...fitting(input) } })}>
            Resize and crop to {input[0]}x{input[1]}
          </button>
        ) : null}
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

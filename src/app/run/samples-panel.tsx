/** Test images with what the networks say before and after. */
import { useEffect, useRef } from "react";
import { METHOD_CATALOG } from "../../quantize/methods/catalog";
import type { Sample } from "../../session/worker/events";
import { useLab } from "../state/react";

function Picture({ sample }: { readonly sample: Sample }): React.ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    const image = context.createImageData(sample.width, sample.height);
    for (let i = 0; i < sample.width * sample.height; i++) {
      for (let c = 0; c < 3; c++) image.data[i * 4 + c] = sample.pixels[i * sample.channels + (sample.channels === 3 ? c : 0)] as number;
      image.data[i * 4 + 3] = 255;
    }
    context.putImageData(image, 0, 0);
  }, [sample]);
  return <canvas ref={canvas} width={sample.width} height={sample.height} role="img" aria-label={sample.label ?? "test image"} />;
}

function Prediction({ who, says, right }: { readonly who: string; readonly says: string; readonly right: string }): React.ReactNode {
  const fine = says === right;
  return (
    <li className={fine ? "good" : "bad"}>
      <span>{who}</span> {says} {fine ? "✓" : "✗"}
    </li>
  );
}

export function SamplesPanel(): React.ReactNode {
  const samples = useLab((lab) => lab.view.samples);
  const method = useLab((lab) => (lab.view.recipe ?? lab.recipe).method);
  if (samples.length === 0) return null;
  return (
    <section className="panel" aria-label="Test images">
      <h2>Test images</h2>
      <p className="faint">Chosen where the networks disagree; ✓ and ✗ compare with the label, or with full precision where there is none.</p>
      <ul className="samples">
        {samples.map((sample, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: samples arrive once, as a whole
          <li key={index} className="sample">
            <Picture sample={sample} />
            <ul>
              {(["fullPrecision", "nearest", "quantized"] as const).map((name) => (
                <Prediction
                  key={name}
                  who={{ fullPrecision: "full", nearest: "nearest", quantized: METHOD_CATALOG[method].title }[name]}
                  says={sample.predictions[name]}
                  right={sample.label ?? sample.predictions.fullPrecision}
                />
              ))}
            </ul>
          </li>
        ))}
      </ul>
    </section>
  );
}

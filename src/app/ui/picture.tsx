/** Pixels on the page, one canvas pixel each. */
import { useEffect, useRef } from "react";

interface PictureProps {
  /** Pixels of [height, width, channels], 0..255; of other than three channels the first is shown in grey. */
  readonly picture: { readonly height: number; readonly width: number; readonly channels: number; readonly pixels: Uint8Array };
  readonly label: string;
}

export function Picture({ picture, label }: PictureProps): React.ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { height, width, channels, pixels } = picture;
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    const image = context.createImageData(width, height);
    for (let i = 0; i < width * height; i++) {
      for (let c = 0; c < 3; c++) image.data[i * 4 + c] = pixels[i * channels + (channels === 3 ? c : 0)] as number;
      image.data[i * 4 + 3] = 255;
    }
    context.putImageData(image, 0, 0);
  }, [height, width, channels, pixels]);
  return <canvas ref={canvas} width={width} height={height} role="img" aria-label={label} />;
}

/**
 * A drawing of the page as a file that stands alone: the theme's tokens in it become the colours of the light theme, on a
 * white ground, so that it is the same whatever theme it was saved from and fits a paper.
 */
import tokens from "../theme/tokens.css?raw";

/** The tokens of the light theme, which come first in their file. */
const LIGHT: ReadonlyMap<string, string> = new Map(
  [...(tokens.split("data-theme")[0] as string).matchAll(/(--[\w-]+):\s*([^;]+);/g)].map(([, name, value]) => [name as string, value as string]),
);

/** @param markup an SVG element's, as the page draws it @throws where it names a token that the theme lacks */
export function standaloneSvg(markup: string): string {
  const named = markup.includes("xmlns=") ? markup : markup.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"');
  return named.replace(/var\((--[\w-]+)\)/g, (_, token: string) => {
    const colour = LIGHT.get(token);
    if (colour === undefined) throw new Error(`The theme has no ${token}`);
    return colour;
  });
}

/** The drawing as PNG, at twice its size. @param svg one that stands alone */
export async function pngOf(svg: string): Promise<Blob> {
  const picture = new Image();
  picture.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
  await picture.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [2 * picture.naturalWidth, 2 * picture.naturalHeight];
  const context = canvas.getContext("2d");
  if (!context) throw new Error("This browser draws no pictures");
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The picture is too large"))), "image/png"),
  );
}

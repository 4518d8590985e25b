/**
 * The arithmetic version: a number that reports, links and kept measurements carry. It is raised whenever results change
 * on purpose, so that an old result is told apart from one that differs for no known reason, and is not reused.
 *
 *   1  up to recipe version 1 (nothing carried a number)
 *   2  an image's Fisher weights no longer depend on how many share its batch; JPEG files decoded by mozjpeg; pictures resized and cropped to the byte as Pillow and torchvision do; nested
 *      concatenations and dense layers are blocks of their own; groups of more than two layers count in searches
 */
export const ARITHMETIC_VERSION = 2;

/** The version that something kept or shared was computed with; what carries none is of version 1. */
export function arithmeticOf(carrier: { readonly arithmetic?: number | undefined }): number {
  return carrier.arithmetic ?? 1;
}

/** What a reader of images is asked for, and what it gives. */
import type { ReadProgress } from "./files";
import type { ImageSet } from "./images";

/**
 * Whether the images' labels are wanted: "needed" throws BadInput where they cannot be told for certain, "optional"
 * has none there, "none" does not look for them.
 */
export type LabelUse = "needed" | "optional" | "none";

export interface ReadOptions {
  readonly onProgress?: ReadProgress;
  /** How many images to read, from the first in order of paths (or of records, or rows); null for all. The rest is not decoded. */
  readonly count?: number | null;
  /** Of those that `count` leaves, the places of the ones to read; all without it. */
  readonly select?: (count: number) => readonly number[];
  /** How many classes the network tells apart, or null where that is not known: it decides what names of folders mean. */
  readonly classes?: number | null;
  /**
   * [height, width, channels] that the network takes, or null where that is not known: grey and colour are converted to
   * its channels, and floats are read in its shape.
   */
  readonly input?: readonly number[] | null;
  /** Height and width of the network's output where it has scores at every position: labels are then wanted for each; null or none for one class an image. */
  readonly positions?: readonly [height: number, width: number] | null;
  readonly labels?: LabelUse;
}

export interface ReadImages {
  readonly set: ImageSet;
  /** Files that are no image, by path: not label files, and not what systems hide. */
  readonly passedOver: readonly string[];
  /** What was read, as a person calls it: "picture". */
  readonly kind: string;
  /** Sentences on what was taken for granted, or left out, in reading. */
  readonly notes: readonly string[];
  /** Whether resize and crop had a say: not where a source of one size fits the network as it is. */
  readonly resized: boolean;
}

/** Names in a message. */
const FEW = 3;

/** The first few of some names, for a sentence. */
export function someOf(names: readonly string[]): string {
  return names.slice(0, FEW).join(", ") + (names.length > FEW ? ", …" : "");
}

/** A sentence on the files that were passed over, or null if there are none. */
export function passedOverText({ passedOver, kind }: Pick<ReadImages, "passedOver" | "kind">): string | null {
  const { length } = passedOver;
  if (length === 0) return null;
  const [files, are] = length === 1 ? ["file was", "is"] : ["files were", "are"];
  const names = someOf(passedOver);
  return `${length} ${files} passed over, which ${are} no ${kind}: ${names}${names.endsWith("…") ? "" : "."}`;
}

/** Sentences on images that were converted to other channels than they had. */
export function convertedText(source: string, had: number, has: number): string[] {
  if (had === has) return [];
  return [
    `Images of ${source} were converted ${has === 1 ? "to grey, since the network takes one channel" : "to three equal channels, since the network takes three"}.`,
  ];
}

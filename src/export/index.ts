/**
 * The exporters by kind. An entry names its format without loading what writes it; the command line chooses by the
 * ending of a file's name, the page lists them. Adding one is a file here and a line below.
 */
import type { Exporter } from "./artifact";

export const EXPORTERS: readonly Exporter[] = [];

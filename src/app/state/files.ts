/**
 * Files in the form: which a recipe asks for, which a person has chosen, and what stood before one that cannot be taken. A
 * recipe names a file by its hash only where it came from elsewhere, a link or an address on the web; such a file is checked,
 * and the rest of the recipe is for it. One that a person chooses freely begins without a hash.
 */
import type { FileRole } from "../../session/inputs/sources";
import type { Recipe } from "../../session/recipe/recipe";
import type { SentFiles } from "../../session/worker/protocol";

export const ROLES: readonly FileRole[] = ["model", "calibration", "evaluation"];
export type ImagesRole = Exclude<FileRole, "model">;

/** The recipe being written, and what is known of its files. */
export interface FormState {
  readonly recipe: Recipe;
  /** What the page calls the files that were given. */
  readonly files: Readonly<Record<FileRole, string | null>>;
  /** Files that were chosen and could not be taken, and why; what stood before them stands again. */
  readonly refused: Readonly<Partial<Record<FileRole, Refusal>>>;
  /** Whether a network of one's own may run on the built-in images: only when asked for. */
  readonly builtinImagesWanted: boolean;
  /** Whether the preprocessing is the plain one that a network of one's own is given, which nobody has confirmed yet. */
  readonly preprocessingAssumed: boolean;
}

export const NO_FILES: FormState["files"] = { model: null, calibration: null, evaluation: null };

/** A file that was chosen and could not be taken. */
export interface Refusal {
  readonly name: string;
  readonly message: string;
}

/**
 * Which images are missing before anything can run. A network of one's own was not trained on the built-in images: its
 * results on them would mean nothing, so that it runs on them only where a person asks for it.
 */
export function missingInputs({ recipe, builtinImagesWanted }: FormState): ImagesRole[] {
  if (recipe.model.kind === "builtin" || builtinImagesWanted) return [];
  return (["calibration", "evaluation"] as const).filter((role) => recipe[role]?.kind === "builtin");
}

/**
 * The form with a result's settings: what was built in or absent is again, a file stays the one that is given, and what changes
 * no result stays too.
 */
export function restored(result: Recipe, { recipe, files }: Pick<FormState, "recipe" | "files">): Pick<FormState, "recipe" | "files"> {
  const keep = <R extends FileRole>(role: R): Recipe[R] => (result[role] === null || result[role].kind === "builtin" ? result[role] : recipe[role]);
  const inputs = { model: keep("model"), calibration: keep("calibration"), evaluation: keep("evaluation") };
  const { memory, threads, diagnose } = recipe;
  const given = (role: FileRole) => (inputs[role] === null || inputs[role].kind === "builtin" ? null : files[role]);
  return {
    recipe: { ...result, ...inputs, memory, threads, diagnose },
    files: { model: given("model"), calibration: given("calibration"), evaluation: given("evaluation") },
  };
}

/** What the page calls chosen files: packed weights are told beside the network that they are for. */
export function shownName({ name, files }: SentFiles): string {
  const packed = files.find(({ path }) => path !== name && /\.safetensors(\.zip)?$/i.test(path));
  return packed ? `${name} with ${packed.path}` : name;
}

/** A newly chosen file replaces what the recipe named; one that a recipe asked for keeps its hash, to be checked, and so does what was fetched from where it says. */
export function chosen(recipe: Recipe, role: FileRole, name: string, from: string | null, ofOpened: boolean): Partial<Recipe> {
  const old = recipe[role];
  const named = old && old.kind !== "builtin" && (ofOpened || (from !== null && from === old.from)) ? old : null;
  const origin = from ?? named?.from;
  const common = { name, sha256: named?.sha256 ?? null, ...(origin === undefined ? {} : { from: origin }) };
  if (role === "model") return { model: { kind: "file", ...common } };
  return { [role]: { kind: "files", ...common, count: named?.kind === "files" ? named.count : null } };
}

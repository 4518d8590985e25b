/** What the form needs to go on with interrupted work: its settings, its files as far as they were kept, and those that were chosen anew. */
import type { KeptWork } from "../../session/checkpoint/work-database";
import type { FileRole } from "../../session/inputs/sources";
import type { Recipe } from "../../session/recipe/recipe";
import { recipeOf, type SentFiles } from "../../session/worker/protocol";

/** @param chosen what the form holds now: files of the same name take the place of those that were too large to keep */
export function askedAgain(
  { job, given }: KeptWork,
  chosen: ReadonlyMap<FileRole, SentFiles>,
): { readonly recipe: Recipe; readonly sent: readonly (readonly [FileRole, SentFiles])[]; readonly missing: boolean } {
  const found = (Object.entries(given) as [FileRole, NonNullable<KeptWork["given"][FileRole]>][]).map(([role, kept]) => {
    const now = chosen.get(role);
    return [role, kept.files ? (kept as SentFiles) : now?.name === kept.name ? now : null] as const;
  });
  return {
    recipe: recipeOf(job),
    sent: found.flatMap(([role, files]) => (files ? [[role, files] as const] : [])),
    missing: found.some(([, files]) => files === null),
  };
}

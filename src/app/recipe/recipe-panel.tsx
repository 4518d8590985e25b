/** The recipe, in sections that fold. */
export function RecipePanel(): React.ReactNode {
  return null;
}

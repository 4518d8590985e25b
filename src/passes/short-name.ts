/** A node's name without the exporter's decoration: "/layer1/layer1.0/conv1/Conv" is "layer1.0/conv1". */
export function shortName(name: string): string {
  const parts = name.replace(/^\//, "").split("/");
  if (parts.length > 1 && /^[A-Z]\w*$/.test(parts.at(-1) as string)) parts.pop();
  // PyTorch repeats the parents' names inside each child's.
  return parts.filter((part, i) => !parts[i + 1]?.startsWith(`${part}.`)).join("/");
}

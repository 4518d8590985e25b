/** What kind of archive a file is, by its name, and the files in it. */
import type { InputFile } from "../files";
import type { FileTree } from "./tree";

/** The files of an archive (.zip, .tar, .tar.gz, .tgz) where one was chosen alone; else those that were chosen. */
export async function unpacked(tree: FileTree): Promise<FileTree> {
  const [path, second] = tree.paths;
  if (path === undefined || second !== undefined) return tree;
  const archive = async () => (await tree.fetch([path]))[0] as InputFile;
  if (/\.zip$/i.test(path)) {
    const { zipTree } = await import("./zip");
    return zipTree(await archive());
  }
  if (!/\.(tar|tgz|tar\.gz)$/i.test(path)) return tree;
  const { tarTree } = await import("./tar");
  return tarTree(await archive());
}

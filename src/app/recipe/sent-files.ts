/** What a person chose or dropped, as it is sent to the worker: files with their paths below what was chosen. */
import type { SentFiles } from "../../session/worker/protocol";

export type PathAndFile = SentFiles["files"][number];

/** Files of an input element; a chosen folder's files carry their path. */
export function chosenFiles(list: FileList | readonly File[]): PathAndFile[] {
  return Array.from(list, (file) => ({ path: (file.webkitRelativePath || file.name).replace(/^\.?\//, ""), file }));
}

/** All files of what was dropped, folders read to their leaves. */
export async function droppedFiles(data: DataTransfer): Promise<PathAndFile[]> {
  const entries = Array.from(data.items, (item) => item.webkitGetAsEntry?.() ?? null).filter((entry) => entry !== null);
  if (entries.length === 0) return chosenFiles(data.files);
  return (await Promise.all(entries.map(filesOf))).flat();
}

async function filesOf(entry: FileSystemEntry): Promise<PathAndFile[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    return [{ path: entry.fullPath.replace(/^\//, ""), file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: PathAndFile[] = [];
  // A reader gives some at a time, and none at the end.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return found;
    for (const one of some) found.push(...(await filesOf(one)));
  }
}

export function sentFiles(files: readonly PathAndFile[]): SentFiles {
  const paths = files.map(({ path }) => path);
  const folder = paths[0]?.includes("/") ? (paths[0].split("/")[0] as string) : null;
  // Of a model and its weights, the model names them.
  const network = paths.find((path) => /\.(json|onnx)$/i.test(path));
  return { name: files.length === 1 ? (paths[0] as string) : (folder ?? network ?? `${files.length} files`), files };
}

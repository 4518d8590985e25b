/**
 * What a cold page waits for, asked for at once:
 *
 * - a script of its own that runs before the others have come (`async`, in the head), for vite makes one script of all that index.html
 *   names; what imports it later gets the same module;
 * - links that preload what the first view will import on demand, which otherwise was asked for only when the first script had run.
 */
import type { Plugin } from "vite";

export interface FirstFiles {
  /** The early script's path from the project's root. */
  readonly early: string;
  /** Modules whose files are preloaded. */
  readonly preload: RegExp;
}

export function firstFilesPlugin({ early, preload }: FirstFiles): Plugin {
  return {
    name: "first-files",
    apply: "build",
    buildStart() {
      this.emitFile({ type: "chunk", id: early, name: "start" });
    },
    transformIndexHtml: {
      order: "post",
      handler(_, { bundle = {} }) {
        const chunks = Object.values(bundle).flatMap((one) => (one.type === "chunk" ? [one] : []));
        const script = chunks.find(({ facadeModuleId }) => facadeModuleId?.endsWith(early));
        const wanted = chunks.filter(({ moduleIds }) => moduleIds.some((id) => preload.test(id)));
        if (!script || wanted.length === 0) throw new Error(`${early} or what is to be preloaded is not in the bundle`);
        return [
          { tag: "script", attrs: { type: "module", async: true, src: `./${script.fileName}` }, injectTo: "head" },
          ...wanted.map(({ fileName }) => ({ tag: "link", attrs: { rel: "modulepreload", href: `./${fileName}` }, injectTo: "head" as const })),
        ];
      },
    },
  };
}

/** What the tests of fetching share: a store in a folder of its own, and an access to a test's hub. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { folderStore } from "../../src/node/web-folder";
import { HUB, parseAddress, type WebAddress } from "../../src/session/web/address";
import type { WebAccess, WebProgress } from "../../src/session/web/http";

export const newFolder = (): string => mkdtempSync(join(tmpdir(), "brecq-web-"));

export async function accessTo(hub: string, folder: string, rest: Partial<WebAccess> = {}): Promise<WebAccess & { readonly told: WebProgress[] }> {
  const told: WebProgress[] = [];
  return {
    ...{ hub, origin: null, token: null, told, store: await folderStore(folder), signal: new AbortController().signal },
    onProgress: (progress) => told.push(progress),
    ...rest,
  };
}

export const addressOf = (text: string): WebAddress => parseAddress(text, { hub: HUB, origin: null, bare: null });

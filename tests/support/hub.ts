/**
 * A server that answers as the Hugging Face Hub does: repositories at commits, files in Git LFS behind a redirect to a
 * storage host, ETags, ranges, CORS headers, error codes. It counts what it is asked, and can be told to misbehave.
 */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export const COMMIT: string = "0123456789abcdef0123456789abcdef01234567";
export const TOKEN = "hf_secretsecretsecret";

export interface FakeRepository {
  readonly files: Readonly<Record<string, Uint8Array>>;
  readonly gated?: boolean;
  readonly private?: boolean;
  /** Branches that it has; "main" without it. */
  readonly branches?: readonly string[];
}

export interface FakeHub {
  readonly url: string;
  /** Of the host to which the hub redirects. */
  readonly storage: string;
  readonly repositories: Record<string, FakeRepository>;
  /** Files at plain addresses below /plain/. */
  readonly plain: Record<string, { body: Uint8Array; type?: string; etag?: string | null }>;
  /** Method and path of every request, with its range. */
  readonly log: { line: string; range: string | null; authorization: string | null; bytes: number }[];
  /** Applied to every body that is served whole. */
  tamper: ((body: Uint8Array) => Uint8Array) | null;
  /** Breaks connections off after so many bytes. */
  cutAfter: number | null;
  /** Whether a connection that would break off stays open instead, without another byte. */
  stall: boolean;
  /** Whether requests for parts of a file are answered with parts. */
  ranges: boolean;
  stop(): Promise<void>;
}

const sha256 = (body: Uint8Array) => createHash("sha256").update(body).digest("hex");

const CORS = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "X-Repo-Commit,X-Error-Code,X-Error-Message,ETag,Accept-Ranges,Content-Range,X-Linked-Size,X-Linked-ETag",
  "cross-origin-resource-policy": "cross-origin",
};

async function listen(handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<{ server: Server; url: string }> {
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

export async function startHub(): Promise<FakeHub> {
  const repositories: Record<string, FakeRepository> = {};
  const plain: FakeHub["plain"] = {};
  const log: FakeHub["log"] = [];

  function fail(response: ServerResponse, status: number, code: string): void {
    response.writeHead(status, { ...CORS, "x-error-code": code, "content-type": "application/json" });
    response.end(JSON.stringify({ error: code }));
  }

  function serve(request: IncomingMessage, response: ServerResponse, body: Uint8Array, headers: Record<string, string>): void {
    const entry = log.at(-1) as FakeHub["log"][number];
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "");
    if (range && hub.ranges) {
      const [from, to] = [Number(range[1]), Math.min(Number(range[2]), body.length - 1)];
      const part = body.subarray(from, to + 1);
      entry.bytes = part.length;
      response.writeHead(206, { ...CORS, ...headers, "content-range": `bytes ${from}-${to}/${body.length}`, "content-length": String(part.length) });
      response.end(part);
      return;
    }
    const sent = hub.tamper ? hub.tamper(body) : body;
    entry.bytes = sent.length;
    response.writeHead(200, { ...CORS, ...headers, "content-length": String(sent.length) });
    if (hub.cutAfter === null) response.end(sent);
    else response.write(sent.subarray(0, hub.cutAfter), () => hub.stall || setTimeout(() => response.destroy(), 50));
  }

  function note(request: IncomingMessage): void {
    const { method, url, headers } = request;
    log.push({ line: `${method} ${url}`, range: headers.range ?? null, authorization: headers.authorization ?? null, bytes: 0 });
  }

  const storage = await listen((request, response) => {
    note(request);
    const [, id, path] = /^\/lfs\/(.+?)\/_\/(.+)$/.exec(decodeURIComponent(request.url ?? "")) ?? [];
    const body = repositories[id ?? ""]?.files[path ?? ""];
    if (!body) return fail(response, 404, "EntryNotFound");
    serve(request, response, body, { "content-type": "application/octet-stream", etag: `"${sha256(body)}"` });
  });

  const main = await listen((request, response) => {
    note(request);
    const path = (request.url ?? "").split("?")[0] as string;
    if (path.startsWith("/plain/")) {
      const file = plain[decodeURIComponent(path.slice("/plain/".length))];
      if (!file) return fail(response, 404, "");
      const { body, type, etag } = file;
      return serve(request, response, body, {
        "content-type": type ?? "application/octet-stream",
        ...(etag === null ? {} : { etag: etag ?? `"${sha256(body)}"` }),
      });
    }
    const api = /^\/api\/(model|dataset)s\/([^/]+\/[^/]+)(?:\/revision\/([^/]+))?$/.exec(path);
    const file = /^\/(datasets\/)?([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(path);
    const id = api ? `${api[1] === "dataset" ? "datasets/" : ""}${api[2]}` : `${file?.[1] ?? ""}${file?.[2]}`;
    const repository = repositories[id];
    const known = request.headers.authorization === `Bearer ${TOKEN}`;
    // The hub does not tell a missing repository from a private one.
    if (!repository || (repository.private && !known)) return fail(response, 401, "RepoNotFound");
    if (repository.gated && !known) return fail(response, 401, "GatedRepo");
    const revision = decodeURIComponent(api?.[3] ?? file?.[3] ?? "main");
    if (![COMMIT, ...(repository.branches ?? ["main"])].includes(revision)) return fail(response, 404, "RevisionNotFound");
    if (api) {
      const siblings = Object.entries(repository.files).map(([rfilename, body]) => ({
        ...{ rfilename, size: body.length, blobId: "0".repeat(40) },
        ...(isLarge(rfilename) ? { lfs: { sha256: sha256(body), size: body.length, pointerSize: 130 } } : {}),
      }));
      response.writeHead(200, { ...CORS, "content-type": "application/json" });
      response.end(JSON.stringify({ id: api[2], sha: COMMIT, gated: false, siblings }));
      return;
    }
    const name = decodeURIComponent(file?.[4] ?? "");
    const body = repository.files[name];
    if (!body) return fail(response, 404, "EntryNotFound");
    if (!isLarge(name)) return serve(request, response, body, { "content-type": "text/plain; charset=utf-8", "x-repo-commit": COMMIT });
    response.writeHead(302, {
      ...CORS,
      location: `${storage.url}/lfs/${id}/_/${name}`,
      "x-linked-size": String(body.length),
      "x-linked-etag": `"${sha256(body)}"`,
      "x-repo-commit": COMMIT,
    });
    response.end();
  });

  const stop = async () => {
    for (const { server } of [main, storage]) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  };
  const hub: FakeHub = {
    url: main.url,
    storage: storage.url,
    repositories,
    plain,
    log,
    tamper: null,
    cutAfter: null,
    stall: false,
    ranges: true,
    stop,
  };
  return hub;
}

function isLarge(path: string): boolean {
  return /\.(onnx|onnx_data|bin|parquet)$/.test(path);
}

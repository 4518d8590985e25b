/**
 * What the lab asks of browsers, wherever it is hosted: two headers that isolate the page, so that threads may share memory, and a
 * content security policy. Written once, for the build (which puts the policy into the page itself, since many hosts send no headers),
 * the preview server, the service worker and the files under hosting/ (tests/app/policy.test.ts holds them to it).
 *
 * The policy allows the lab's own files and nothing made from text: no inline script or style, no eval, and where browsers have Trusted
 * Types no address or markup that did not pass base/trusted.ts. WebAssembly is compiled, and
 * what a person names on the web is fetched, over https or from their own machine. Results leave as blobs. Who embeds the page is not
 * restricted: it keeps no secrets and changes nothing by a click, and embedding is wanted.
 */
import { TRUSTED_POLICY } from "../../base/trusted.ts";

const POLICY: Readonly<Record<string, readonly string[]>> = {
  "default-src": ["'self'"],
  "script-src": ["'self'", "'wasm-unsafe-eval'"],
  "style-src": ["'self'"],
  "img-src": ["'self'", "blob:", "data:"],
  "worker-src": ["'self'"],
  "connect-src": ["'self'", "https:", "http://localhost:*", "http://127.0.0.1:*"],
  "object-src": ["'none'"],
  "base-uri": ["'self'"],
  "form-action": ["'none'"],
  "require-trusted-types-for": ["'script'"],
  "trusted-types": [TRUSTED_POLICY],
};

/** As the value of a header, or of a `meta` element. */
export const CONTENT_SECURITY_POLICY: string = Object.entries(POLICY)
  .map(([directive, sources]) => [directive, ...sources].join(" "))
  .join("; ");

/** With these a page is cross-origin isolated and may share memory between threads. The last lets isolated pages elsewhere embed it. */
export const ISOLATION_HEADERS: Readonly<Record<string, string>> = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "cross-origin",
};

/** All that a server should send with the lab's files. */
export const HEADERS: Readonly<Record<string, string>> = {
  ...ISOLATION_HEADERS,
  "Content-Security-Policy": CONTENT_SECURITY_POLICY,
  "X-Content-Type-Options": "nosniff",
};

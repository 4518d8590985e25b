/**
 * Serves the built page as any host would, with one thing added: a script before all others, in the page and in its workers, tells the
 * server of each error, rejected promise, violation of the content security policy and console.error. So every browser is listened to
 * in the same way, from the page's first script on, whether its driver hears the console or not.
 */
import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { preview } from "vite";
import { HEADERS } from "../../src/app/host/policy";

const PAGE = "dist/page";
/** Where trouble is told, the script that tells it, and a page that shows another in a frame of a size. */
const [TELL, LISTEN] = ["/told", "/listen.js"];
export const FRAME = "/frame";
export const FRAME_ID = "frame";

const SCRIPT = `{
  const place = () => location.pathname.split("/").pop() || "page";
  const tell = (text) => void fetch("${TELL}", { method: "POST", keepalive: true, body: place() + ": " + text }).catch(() => {});
  const words = (value) => (value instanceof Error ? value.name + ": " + value.message : String(value?.message ?? value));
  const missing = (target) => "not loaded: " + target?.localName + " " + (target?.src ?? target?.href);
  addEventListener("error", ({ message, target }) => tell("error: " + (message ?? missing(target))), true);
  addEventListener("unhandledrejection", (event) => tell("rejected: " + words(event.reason)));
  addEventListener("securitypolicyviolation", (event) => tell("policy: " + event.effectiveDirective + " " + event.blockedURI));
  const { error } = console;
  console.error = (...values) => (tell("console: " + values.map(words).join(" ")), error.apply(console, values));
}
`;

/** The frame's size comes by script, which the policy lets set styles. */
const FRAME_SCRIPT = `{
  const query = new URLSearchParams(location.search);
  const frame = document.createElement("iframe");
  frame.id = "${FRAME_ID}";
  for (const side of ["width", "height"]) frame.setAttribute(side, query.get(side));
  frame.setAttribute("frameborder", "0");
  frame.src = query.get("address");
  document.body.append(frame);
}
`;

export interface Server {
  readonly address: string;
  /** What was told since the last time that this was asked. */
  told(): string[];
  close(): Promise<void>;
}

export async function serve(port: number): Promise<Server> {
  let told: string[] = [];
  const server = await preview({
    logLevel: "error",
    preview: { port, strictPort: true },
    plugins: [
      {
        name: "listen",
        configurePreviewServer({ middlewares }) {
          middlewares.use((request, response, next) => {
            if (!answer(request, response, (text) => told.push(text))) next();
          });
        },
      },
    ],
  });
  return {
    address: `http://localhost:${port}/`,
    told: () => {
      const all = told;
      told = [];
      return all;
    },
    close: () => server.close(),
  };
}

/** Answers what is not as it lies in the build. */
function answer(request: IncomingMessage, response: ServerResponse, hear: (text: string) => void): boolean {
  const path = new URL(request.url ?? "/", "http://localhost").pathname;
  const send = (type: string, text: string) => {
    for (const [name, value] of Object.entries({ ...HEADERS, "Content-Type": `${type}; charset=utf-8`, "Cache-Control": "no-cache" }))
      response.setHeader(name, value);
    response.end(text);
    return true;
  };
  if (path === TELL) {
    let text = "";
    request.on("data", (part) => {
      text += part;
    });
    request.on("end", () => {
      hear(text);
      response.end();
    });
    return true;
  }
  if (path === LISTEN) return send("text/javascript", SCRIPT);
  if (path === FRAME) return send("text/html", `<!doctype html><title>Frame</title><body><script src="${FRAME}.js"></script></body>`);
  if (path === `${FRAME}.js`) return send("text/javascript", FRAME_SCRIPT);
  if (path === "/") {
    const page = readFileSync(join(PAGE, "index.html"), "utf8");
    return send("text/html", page.replace("<script", `<script src=".${LISTEN}"></script><script`));
  }
  if (/^\/assets\/[\w.-]*worker[\w.-]*\.js$/.test(path)) return send("text/javascript", SCRIPT + readFileSync(join(PAGE, path), "utf8"));
  return false;
}

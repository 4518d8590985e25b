/** hosting/nginx.conf under a real nginx, where one is installed: headers, types and what browsers may keep. */
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { HEADERS } from "../../src/app/host/policy";

const PATH = `${process.env.PATH}:/usr/sbin:/usr/local/sbin`;
const written = readFileSync("hosting/nginx.conf", "utf8");

/** Of each file: its type, and whether browsers may keep it. */
const FILES: readonly (readonly [path: string, type: RegExp, kept: boolean])[] = [
  ["index.html", /^text\/html/, false],
  ["service-worker.js", /javascript$/, false],
  ["manifest.webmanifest", /^application\/manifest\+json$/, false],
  ["assets/index-0a1b2c3d.js", /javascript$/, true],
  ["assets/kernels-0a1b2c3d.wasm", /^application\/wasm$/, true],
];

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test("nginx.conf names each header as the policy has it", () => {
  for (const [name, value] of Object.entries(HEADERS)) expect(written).toContain(`add_header ${name} "${value}" always;`);
});

test.skipIf(spawnSync("nginx", ["-v"], { env: { PATH } }).error)("nginx sends headers, types and what may be kept", async () => {
  const folder = mkdtempSync(join(tmpdir(), "nginx-"));
  const port = await freePort();
  // A master that is root has workers that are not.
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, "page/assets"), { recursive: true });
  for (const [path] of FILES) writeFileSync(join(folder, "page", path), path.padEnd(2000, " "));
  writeFileSync(
    join(folder, "lab.conf"),
    written.replace("listen 8080", `listen 127.0.0.1:${port}`).replace("/usr/share/nginx/html", `${folder}/page`),
  );
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${folder}/${name};`).join(" ");
  const main = `daemon off; pid ${folder}/pid; error_log stderr warn; events {} http { include /etc/nginx/mime.types; access_log off; ${temporary} include ${folder}/lab.conf; }`;
  writeFileSync(join(folder, "nginx.conf"), main);
  const nginx = spawn("nginx", ["-p", folder, "-e", "stderr", "-c", join(folder, "nginx.conf")], { env: { PATH } });
  let said = "";
  nginx.stderr.on("data", (chunk) => (said += chunk));
  const ask = (path: string) => fetch(`http://127.0.0.1:${port}/${path}`);
  try {
    await expect
      .poll(() =>
        ask("").then(
          ({ status }) => status,
          () => said,
        ),
      )
      .toBe(200);
    for (const [path, type, kept] of FILES) {
      const response = await ask(path);
      for (const [name, value] of Object.entries(HEADERS)) expect([path, name, response.headers.get(name)]).toEqual([path, name, value]);
      expect(response.headers.get("content-type")).toMatch(type);
      expect([path, response.headers.get("cache-control")]).toEqual([path, kept ? "public, max-age=31536000, immutable" : "no-cache"]);
      if (path !== "index.html") expect([path, response.headers.get("content-encoding")]).toEqual([path, "gzip"]);
      expect(await response.text()).toHaveLength(2000);
    }
    const missing = await ask("assets/gone-0a1b2c3d.js");
    expect([missing.status, missing.headers.get("cache-control")]).toEqual([404, null]);
    expect(said).toBe("");
  } finally {
    nginx.kill();
    rmSync(folder, { recursive: true, force: true });
  }
});

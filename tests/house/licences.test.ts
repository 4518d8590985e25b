/** What is shipped may be shipped: the licences of every package that src imports and of all that these need; and the lock file pins each by its hash. */
import { readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { join } from "node:path";
import { expect, test } from "vitest";

interface Locked {
  readonly license?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** Permissive licences, which ask for no more than to be named. */
const ALLOWED = new Set(["MIT", "ISC", "0BSD", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "Zlib", "Unlicense", "CC0-1.0", "BlueOak-1.0.0"]);
/** Where packages come from; the lock need not repeat it. */
const REGISTRY = "https://registry.npmjs.org/";
const packages: Readonly<Record<string, Locked>> = JSON.parse(readFileSync("package-lock.json", "utf8")).packages;

/** Whether all that an SPDX expression names is allowed. */
function isAllowed(expression: string): boolean {
  return expression
    .replace(/[()]/g, "")
    .split(/ (?:AND|OR) /)
    .every((licence) => ALLOWED.has(licence));
}

/** Packages that the sources import by name. */
function imported(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !entry.name.includes(".generated."))
    .flatMap((entry) => [...readFileSync(join(entry.parentPath, entry.name), "utf8").matchAll(/(?:from |import\()"([\w@][\w@./:-]*)"/g)])
    .map(([, name = ""]) =>
      name
        .split("/")
        .slice(0, name.startsWith("@") ? 2 : 1)
        .join("/"),
    )
    .filter((name) => !name.startsWith("node:") && !builtinModules.includes(name));
}

/** Where the lock has what a package calls by a name: the nearest folder of packages. */
function locate(from: string, name: string): string | null {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf("/node_modules/")))) {
    const place = `${at === "" ? "" : `${at}/`}node_modules/${name}`;
    if (packages[place]) return place;
    if (at === "") return null;
  }
}

/** A package with all that it needs, by their places in the lock. */
function withNeeds(names: readonly string[]): Set<string> {
  const found = new Set<string>();
  const waiting = names.flatMap((name) => locate("", name) ?? []);
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    if (found.has(place)) continue;
    found.add(place);
    for (const name of Object.keys(packages[place]?.dependencies ?? {})) waiting.push(...[locate(place, name) ?? []].flat());
  }
  return found;
}

test("every package that is shipped, or used where it is installed, has a permissive licence", () => {
  const names = [...new Set(imported("src"))];
  expect(names.filter((name) => locate("", name) === null && !name.startsWith("virtual"))).toEqual([]);
  const shipped = withNeeds(names);
  expect(shipped.size).toBeGreaterThan(40);
  const others = [...shipped]
    .filter((place) => !isAllowed(packages[place]?.license ?? "none"))
    .map((place) => `${place}: ${packages[place]?.license}`);
  expect(others).toEqual([]);
});

test("the lock file pins every package by its hash, from the public registry", () => {
  const loose = Object.entries(packages).filter(
    ([place, { integrity, resolved }]) => place !== "" && !(integrity?.startsWith("sha512-") && (resolved ?? REGISTRY).startsWith(REGISTRY)),
  );
  expect(loose.map(([place]) => place)).toEqual([]);
});

test("workflows and containers install what the lock says", () => {
  const files = [".github/workflows/pages.yml", "Dockerfile", ".ci/run"].map((file) => readFileSync(file, "utf8"));
  for (const text of files) expect(text).not.toMatch(/npm (install|i)\b(?!-)/);
  expect(files[0]).toContain("npm ci");
  expect(files[0]).toContain("npm audit");
});

/** What fuzzing started from and what it found: each file is read or refused within 2 s and 500 MB. `npm run fuzz` looks for more. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { attempt } from "../support/limits";
import { READERS } from "./readers";

const FOLDERS = ["corpus", "found"].map((name) => fileURLToPath(new URL(name, import.meta.url)));

test.each(Object.entries(READERS))("%s", async (name, read) => {
  const files = FOLDERS.map((folder) => `${folder}/${name}`).flatMap((folder) =>
    existsSync(folder) ? readdirSync(folder).map((file) => `${folder}/${file}`) : [],
  );
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) {
    const { fault } = await attempt(/./, () => read(Uint8Array.from(readFileSync(file))));
    expect([file, fault]).toEqual([file, null]);
  }
});

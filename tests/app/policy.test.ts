/** Every way to host the lab that the repository holds sends the same headers. */
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CONTENT_SECURITY_POLICY, HEADERS } from "../../src/app/host/policy";

test("the policy forbids scripts, styles and workers made from text, and allows WebAssembly", () => {
  expect(CONTENT_SECURITY_POLICY).not.toMatch(/'unsafe-(inline|eval)'/);
  expect(CONTENT_SECURITY_POLICY).toContain("script-src 'self' 'wasm-unsafe-eval'");
  for (const directive of ["default-src", "style-src", "worker-src"]) expect(CONTENT_SECURITY_POLICY).toMatch(new RegExp(`${directive} 'self'(;|$)`));
});

test("index.html has no inline script or style, and the element that stops React Aria's own", () => {
  const page = readFileSync("index.html", "utf8");
  expect(page).not.toMatch(/<style|style=|<script(?![^>]* src=)|\son\w+=/);
  expect(page).toContain('<link id="react-aria-pressable-style" rel="stylesheet" href="/pressable.css" />');
  expect(existsSync("public/pressable.css")).toBe(true);
  expect(Object.keys(HEADERS)).toHaveLength(5);
});

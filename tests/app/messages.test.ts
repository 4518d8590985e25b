/** Every message stands in every language, with the same values filled in. */
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { LANGUAGES } from "../../src/app/i18n";

const FOLDER = "src/app/i18n";

function messages(language: string, file: string): Map<string, string> {
  const found = new Map<string, string>();
  const walk = (value: unknown, path: string) => {
    if (typeof value === "string") found.set(path, value);
    else for (const [key, part] of Object.entries(value as object)) walk(part, path ? `${path}.${key}` : key);
  };
  walk(JSON.parse(readFileSync(`${FOLDER}/${language}/${file}`, "utf8")), "");
  return found;
}

const valuesOf = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name).sort();
const tagsOf = (text: string) => [...text.matchAll(/<(\w+)>/g)].map(([, name]) => name).sort();
/** Without the plural form: languages differ in how many they have. */
const base = (key: string) => key.replace(/_(zero|one|two|few|many|other)$/, "");

const files = readdirSync(`${FOLDER}/en`);

test("all languages have the same files", () => {
  for (const language of LANGUAGES) expect(readdirSync(`${FOLDER}/${language}`).sort()).toEqual(files.sort());
});

for (const file of files)
  for (const language of LANGUAGES.filter((name) => name !== "en"))
    test(`${language}/${file} has every message of en/${file}, with its values and marks`, () => {
      const [english, other] = [messages("en", file), messages(language, file)];
      expect([...new Set([...other.keys()].map(base))].sort()).toEqual([...new Set([...english.keys()].map(base))].sort());
      for (const [key, text] of other) {
        const source = english.get(key) ?? english.get(`${base(key)}_other`) ?? english.get(base(key)) ?? "";
        expect([key, valuesOf(text)]).toEqual([key, valuesOf(source)]);
        expect([key, tagsOf(text)]).toEqual([key, tagsOf(source)]);
        expect(text.trim()).not.toBe("");
      }
    });

test("plural forms are those that the language has", () => {
  for (const language of LANGUAGES) {
    const forms = new Set(new Intl.PluralRules(language).resolvedOptions().pluralCategories);
    for (const file of files)
      for (const key of messages(language, file).keys()) {
        const form = /_(zero|one|two|few|many|other)$/.exec(key)?.[1];
        if (form) expect([language, key, forms.has(form as Intl.LDMLPluralRule)]).toEqual([language, key, true]);
      }
  }
});

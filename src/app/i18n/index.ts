/**
 * Languages. Messages lie in one JSON a language and namespace (a view or a part of the page), are loaded when they are
 * wanted, and are complete in every language (tests/app/messages.test.ts). What has no message of its own, an error from deep
 * within a file's reader, is shown as it is, in English.
 */
import i18next from "i18next";
import resourcesToBackend from "i18next-resources-to-backend";
import { initReactI18next } from "react-i18next";

export const LANGUAGES = ["en", "ko"] as const;
export type Language = (typeof LANGUAGES)[number];

export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: "English", ko: "한국어" };

const files = import.meta.glob<{ default: Record<string, unknown> }>("./{en,ko}/*.json");

async function read(language: string, namespace: string): Promise<Record<string, unknown>> {
  const file = files[`./${language}/${namespace}.json`];
  if (!file) throw new Error(`No messages for ${namespace} in ${language}`);
  return (await file()).default;
}

/** The language to begin with: asked for in the URL, chosen before, or the browser's. */
export function firstLanguage(asked: string | null, chosen: string | null, browser: readonly string[]): Language {
  const known = (name: string | null | undefined) => LANGUAGES.find((language) => name?.toLowerCase().split("-")[0] === language);
  return known(asked) ?? known(chosen) ?? browser.map(known).find((language) => language !== undefined) ?? "en";
}

/** Loads the messages that the page starts with. */
export async function startLanguages(language: Language, namespaces: readonly string[]): Promise<void> {
  await i18next
    .use(resourcesToBackend(read))
    .use(initReactI18next)
    .init({
      lng: language,
      fallbackLng: false,
      supportedLngs: [...LANGUAGES],
      ns: [...namespaces],
      defaultNS: "shell",
      interpolation: { escapeValue: false },
      returnNull: false,
    });
  document.documentElement.lang = language;
  i18next.on("languageChanged", (name) => {
    document.documentElement.lang = name;
  });
}

export function setLanguage(language: Language): Promise<unknown> {
  return i18next.changeLanguage(language);
}

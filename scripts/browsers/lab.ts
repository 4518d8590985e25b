/** The page in a browser, as the checks speak of it: functions that look at it, elements that are found by selector and words, waiting. */
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Driver, KeyName, Size } from "./driver";

export const WIDE: Size = [1440, 900];
export const PHONE: Size = [390, 844];

/** Milliseconds that something may take which takes a second or two on an idle machine. */
const PATIENCE = 90_000;
const FOUND = "data-found";

export class Lab {
  private found = 0;

  constructor(
    private readonly driver: Driver,
    private readonly address: string,
  ) {}

  /** @param place a query, a fragment, or both */
  open(place: string, size: Size = WIDE): Promise<void> {
    return this.driver.open(`${this.address}${place}`, size);
  }

  /** What a function gives in the page. It must not name anything outside of itself. */
  async get<A extends readonly unknown[], T>(look: (...values: A) => T, ...values: A): Promise<Awaited<T>> {
    return (await this.driver.evaluate(`(${look})(${values.map((value) => JSON.stringify(value)).join(", ")})`)) as Awaited<T>;
  }

  /** Waits until a function gives what is true, and gives that. */
  async until<A extends readonly unknown[], T>(
    what: string,
    look: (...values: A) => T,
    values: A,
    patience: number = PATIENCE,
  ): Promise<NonNullable<Awaited<T>>> {
    const end = Date.now() + patience;
    for (;;) {
      const value = await this.get(look, ...values);
      if (value) return value;
      if (Date.now() > end) throw new Error(`not within ${patience / 1000} s: ${what}`);
      await pause(150);
    }
  }

  /** Waits until at least so many elements fit. */
  async count(selector: string, least = 1, patience: number = PATIENCE): Promise<number> {
    const enough = (css: string, few: number) => {
      const { length } = document.querySelectorAll(css);
      return length >= few ? length : 0;
    };
    return this.until(`${least} of ${selector}`, enough, [selector, least] as const, patience);
  }

  /** Waits for an element by what it is and what it says or is called, brings it to sight and gives a selector for it. */
  async find(selector: string, words = ""): Promise<string> {
    const name = String(++this.found);
    const mark = (css: string, text: string, attribute: string, value: string) => {
      const said = (one: Element) => `${one.getAttribute("aria-label") ?? ""}\n${one.textContent}`;
      const one = [...document.querySelectorAll(css)].find((each) => said(each).includes(text) && each.getClientRects().length > 0);
      if (!one || one.matches(":disabled, [aria-disabled=true]")) return false;
      one.scrollIntoView({ block: "center", inline: "center" });
      one.setAttribute(attribute, value);
      return true;
    };
    await this.until(`${selector} ${words}`, mark, [selector, words, FOUND, name] as const);
    return `[${FOUND}="${name}"]`;
  }

  async click(selector: string, words = ""): Promise<void> {
    await this.driver.click(await this.find(selector, words));
  }

  async choose(selector: string, value: string): Promise<void> {
    await this.driver.choose(await this.find(selector), value);
  }

  async focus(selector: string): Promise<void> {
    await this.get((css) => document.querySelector<HTMLElement>(css)?.focus(), selector);
  }

  press(key: KeyName): Promise<void> {
    return this.driver.press(key);
  }

  /** The file that a click saves, by its name, once it has arrived. */
  async saved(name: RegExp, click: () => Promise<void>): Promise<Buffer> {
    const { downloads } = this.driver;
    const named = () => readdirSync(downloads).filter((file) => name.test(file));
    for (const file of named()) rmSync(join(downloads, file));
    await click();
    for (const end = Date.now() + PATIENCE; ; await pause(200)) {
      const [file] = named();
      if (file && !readdirSync(downloads).some((other) => /\.(part|crdownload|wkdownload)$/.test(other))) {
        const content = readFileSync(join(downloads, file));
        if (content.length > 0) return content;
      }
      if (Date.now() > end) throw new Error(`no file ${name} was saved`);
    }
  }
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

export function expect(right: boolean, otherwise: string): void {
  if (!right) throw new Error(otherwise);
}

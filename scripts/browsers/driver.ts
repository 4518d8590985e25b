/**
 * What the checks need of a browser, in few words that every engine's own tool can say, so that there is one list of checks and not one
 * for each browser. Clicks and keys are real input; all that is only looked at is one expression in the page.
 */

/** Of the part of the window that shows the page, in CSS pixels. */
export type Size = readonly [width: number, height: number];

/** Keys that the checks press. */
export type KeyName = "ArrowRight" | "Home" | "Escape";

export interface Driver {
  /** As the browser calls itself. */
  readonly version: string;
  /** Where what is saved in the page arrives. */
  readonly downloads: string;
  /** Opens an address in a window of a size; with nothing of the page before it but what the browser stores. */
  open(address: string, size: Size): Promise<void>;
  /** The value of an expression, or of the promise that it is. */
  evaluate(expression: string): Promise<unknown>;
  click(selector: string): Promise<void>;
  /** Picks an entry of a platform's list. */
  choose(selector: string, value: string): Promise<void>;
  /** Presses a key where the focus is. */
  press(key: KeyName): Promise<void>;
  screenshot(path: string): Promise<void>;
  close(): Promise<void>;
}

/** A browser that is on this machine, ready to be started with a folder of its own for profile and downloads. */
export interface Browser {
  readonly title: string;
  /** What to install where it is missing. */
  readonly missing: string;
  readonly path: string | null;
  start(path: string, folder: string): Promise<Driver>;
}

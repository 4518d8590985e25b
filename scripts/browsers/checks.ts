/** What every browser must do, in order: a stranger's first minutes with the demo, then every view in every look. */
import { isDeepStrictEqual } from "node:util";
import type { Report } from "../../src/session/run/report";
import { readLink } from "../../src/session/share/link";
import { expect, type Lab, pause } from "./lab";
import type { Server } from "./server";
import { expectEveryLook, expectPhone, expectView, VIEWS } from "./views";

/** What one browser's checks leave for those after them and for the results. */
export interface Found {
  /** Seconds from an empty profile to the network on its axis. */
  cold?: number;
  /** Seconds from Run to done. */
  run?: number;
  report?: Report;
  link?: string;
  hasSharedMemory?: boolean;
}

export interface Check {
  readonly title: string;
  /** Without it the rest says nothing. */
  readonly isNeeded?: true;
  run(lab: Lab, found: Found, server: Server): Promise<void>;
}

const seconds = (since: number) => (performance.now() - since) / 1000;
/** Looks at the page that stands, after the run. */
const AFTER = { language: "en", theme: "light" } as const;

const PANEL = "aside[aria-label^=Selected]";

const wrongPictures = () => document.querySelectorAll('[data-wrong="true"]').length;
const state = () => document.querySelector("[role=status][data-state]")?.getAttribute("data-state");

const cold: Check = {
  title: "A cold start: the network stands on its axis, the page is isolated",
  isNeeded: true,
  async run(lab, found) {
    const began = performance.now();
    await lab.open("?lang=en&theme=light");
    await lab.count("[data-node^='unit:']", 7);
    found.cold = seconds(began);
    expect(await lab.get(() => crossOriginIsolated), "the page is not cross-origin isolated");
    found.hasSharedMemory = await lab.get(() => typeof SharedArrayBuffer === "function");
  },
};

const listens: Check = {
  title: "What goes wrong is heard by these checks",
  async run(lab, _found, server) {
    const before = server.told();
    expect(before.length === 0, before.join("; "));
    await lab.get(() => {
      document.body.setAttribute("style", "color: red");
      document.body.removeAttribute("style");
      console.error("heard");
      setTimeout(() => {
        throw new Error("thrown");
      });
      void Promise.reject(new Error("refused"));
    });
    await pause(1000);
    const heard = server.told();
    for (const word of ["policy: style-src", "heard", "thrown", "refused"])
      expect(
        heard.some((text) => text.includes(word)),
        `not heard: ${word}; heard: ${heard.join("; ")}`,
      );
  },
};

const slider: Check = {
  title: "Before Run: the slider, by pointer and keys, turns the pictures right",
  async run(lab) {
    await expectView(lab, { view: "quantize", ...AFTER }, 0);
    await lab.until("pictures are wrong at 2 bit", () => document.querySelectorAll('[data-wrong="true"]').length > 2, []);
    const atTwo = await lab.get(wrongPictures);
    await lab.get(() =>
      document.querySelector("main input[type=range]")?.parentElement?.parentElement?.parentElement?.setAttribute("data-track", ""),
    );
    await lab.click("[data-track]");
    const value = () => Number(document.querySelector<HTMLInputElement>("main input[type=range]")?.value);
    await lab.until("a click in the middle is 5 bit", () => document.querySelector<HTMLInputElement>("main input[type=range]")?.value === "5", []);
    await lab.focus("main input[type=range]");
    for (let bits = 6; bits <= 8; bits++) await lab.press("ArrowRight");
    expect((await lab.get(value)) === 8, "three arrows more are not 8 bit");
    await lab.until("pictures turn right", (most) => document.querySelectorAll('[data-wrong="true"]').length < most, [atTwo] as const);
    await lab.press("Home");
    expect((await lab.get(value)) === 2, "Home is not 2 bit");
  },
};

const layer: Check = {
  title: "A click on a layer's node gives it a width of its own, which is scored",
  async run(lab) {
    await lab.click("[data-node^='layer:'] > rect:first-of-type", "");
    const chosen = () => document.querySelector("[data-node^='layer:'][aria-pressed=true]")?.getAttribute("aria-label") ?? "";
    const before = await lab.until("the layer is selected", chosen, []);
    await lab.click("[data-node^='layer:'][aria-label^='layer2.0/conv1'] > rect:first-of-type");
    await lab.until("another is selected", (label) => !document.querySelector(`[aria-pressed=true][aria-label="${label}"]`), [before] as const);
    await lab.choose(`${PANEL} select`, "8");
    await lab.until("its node says 8 bit", () => document.querySelector("[aria-pressed=true][aria-label*='8 bit']") !== null, []);
    await lab.until("it is scored", () => /gets \d/.test(document.querySelector("aside[aria-label^=Selected] [role=status]")?.textContent ?? ""), []);
    expect(await lab.get(() => location.search.includes("layer=")), "the address does not say the layer");
    await lab.choose(`${PANEL} select`, "");
    await lab.until("its node says 2 bit", () => document.querySelector("[aria-pressed=true][aria-label*='2 bit']") !== null, []);
  },
};

const run: Check = {
  title: "Run with the demo's own settings, to the end, watched as it goes",
  isNeeded: true,
  async run(lab, found) {
    await lab.click("header button", "Run");
    const began = performance.now();
    await lab.count('[data-curve="nearest"] rect', 7, 600_000);
    await lab.count('[data-row="loss"] path', 1, 600_000);
    await lab.count('[data-curve="quantized"] circle', 2, 600_000);
    await lab.until("the run is done", () => document.querySelector("[role=status][data-state=done]") !== null, [], 1_200_000);
    found.run = seconds(began);
    expect((await lab.get(state)) === "done", "the run is not done");
    await lab.until("the verdict", () => document.querySelector('[data-testid="sentence"][data-stage="after"]') !== null, []);
  },
};

const report: Check = {
  title: "The report is saved as a file; it ran on wasm, on all threads that there are",
  isNeeded: true,
  async run(lab, found) {
    await lab.click("main [role=tab]", "Take it with you");
    const text = (await lab.saved(/^report\.json$/, () => lab.click("main [role=tabpanel] button", "Report as JSON"))).toString();
    found.report = JSON.parse(text) as Report;
    const { kind, description } = found.report.device;
    expect(kind === "wasm", `it ran on ${description}, whose bits are its own`);
    const cores = await lab.get(() => navigator.hardwareConcurrency);
    const most = found.hasSharedMemory ? Math.min(8, cores) : 1;
    expect(description.includes(`${most} thread`), `${description}, not ${most}`);
  },
};

const link: Check = {
  title: "The share link carries the same fingerprint",
  async run(lab, found) {
    await lab.click("header button", "Share");
    const text = await lab.until("the link", () => document.querySelector<HTMLTextAreaElement>("[data-testid=link]")?.value, []);
    found.link = text;
    const shared = await readLink(new URL(text).hash);
    expect(isDeepStrictEqual(shared?.fingerprint, found.report?.fingerprint), `the link has ${shared?.fingerprint?.rounding}`);
    await lab.press("Escape");
    await lab.until("the dialog closes", () => document.querySelector("[role=dialog]") === null, []);
  },
};

const proofs: Check = {
  title: "ONNX and TensorFlow.js files are saved and proved by their runtimes",
  async run(lab) {
    for (const [kind, runtime] of [
      ["onnx", "onnxruntime-web"],
      ["tfjs", "TensorFlow.js"],
    ] as const) {
      await lab.click(`[data-testid=export-${kind}]`);
      const proof = (by: string) =>
        [...document.querySelectorAll("[data-testid=proof]")].find((one) => one.textContent?.includes(by))?.getAttribute("data-passed");
      const passed = await lab.until(`a proof by ${runtime}`, proof, [runtime] as const, 300_000);
      expect(passed === "true", `${runtime} gave something else`);
    }
  },
};

const compare: Check = {
  title: "Compare: the run is kept, chosen and drawn",
  async run(lab) {
    await lab.click("nav a", "Compare");
    await expectView(lab, { view: "compare", ...AFTER }, 1);
    await lab.click("[data-runs] tbody input[type=checkbox]");
    await lab.count("[data-chosen] svg path", 4);
    await expectView(lab, { view: "compare", ...AFTER }, 1);
  },
};

const search: Check = {
  title: "Mixed precision: a search measures, finds bits within 3 bit and takes them",
  async run(lab) {
    await lab.click("nav a", "Mixed precision");
    await expectView(lab, { view: "precision", ...AFTER }, 1);
    await lab.click("main button", "Measure and search");
    await lab.count("[data-testid=front]", 1, 900_000);
    await lab.count("[data-cell=layer]", 16);
    await lab.until("the search is done", () => document.querySelector("[role=status][data-state=done]") !== null, [], 600_000);
    await lab.click("[data-testid=take]");
    await expectView(lab, { view: "precision", ...AFTER }, 1);
  },
};

const inspect: Check = {
  title: "Inspect: another layer by its node, all five ways to look at it, a figure saved as PNG",
  async run(lab) {
    await lab.click("nav a", "Inspect");
    await expectView(lab, { view: "inspect", ...AFTER }, 1);
    await lab.click("[data-node^='layer:'][aria-label^='layer3.0/conv2'] > rect:first-of-type");
    await lab.until("the address says the layer", () => new URLSearchParams(location.search).get("layer")?.includes("layer3.0"), []);
    for (const tab of ["Weights", "Rounding", "Output", "Channels", "Feature maps"]) {
      await lab.click("main [role=tab]", tab);
      await lab.until(`figures of ${tab}`, () => document.querySelectorAll("main [role=tabpanel] figure svg *").length > 10, []);
      await expectView(lab, { view: "inspect", ...AFTER }, 1);
    }
    const png = await lab.saved(/^feature-maps-.*\.png$/, () => lab.click("main figure button", "PNG"));
    expect(png.subarray(1, 4).toString() === "PNG" && png.length > 2000, `the picture has ${png.length} bytes`);
  },
};

const learn: Check = {
  title: "Learn, and the browser's way back from it",
  async run(lab) {
    await lab.click("nav a", "Learn");
    await expectView(lab, { view: "learn", ...AFTER }, 1);
    await lab.get(() => history.back());
    await expectView(lab, { view: "inspect", ...AFTER }, 1);
  },
};

const opened: Check = {
  title: "The link opens: the result is shown before anything runs",
  async run(lab, { link: text, report: had }) {
    await lab.open(`?lang=en&theme=light${new URL(text as string).hash}`);
    const shown = await lab.until("the result", () => document.querySelector("[data-testid=shared-accuracy]")?.textContent, []);
    const top1 = had?.accuracy.quantized.top1 ?? 0;
    expect(shown.includes(top1.toFixed(1)), `it says ${shown}, not ${top1}`);
  },
};

const nothing: Check = {
  title: "Nothing was said on the console, no promise was rejected, no policy violated, in page and workers",
  async run(_lab, _found, server) {
    const told = server.told();
    expect(told.length === 0, [...new Set(told)].join("; "));
  },
};

export const CHECKS: readonly Check[] = [
  ...[cold, listens, slider, layer, run, report, link, proofs, compare, inspect, learn, search, opened],
  ...VIEWS.map((view) => ({
    title: `The view ${view} by its address, in English and Korean, light and dark`,
    run: (lab: Lab) => expectEveryLook(lab, view),
  })),
  { title: "Every view on a phone, 390x844; the recipe as a drawer", run: expectPhone },
  nothing,
];

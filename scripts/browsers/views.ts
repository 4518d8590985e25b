/** What must stand in each view, in either language and theme, before a run or after one: one function in the page that says what is missing. */
import { expect, type Lab, PHONE, pause, WIDE } from "./lab";

export const VIEWS = ["quantize", "compare", "precision", "inspect", "learn"] as const;
export type View = (typeof VIEWS)[number];

interface Look {
  readonly view: View;
  readonly language: "en" | "ko";
  readonly theme: "light" | "dark";
}

/** Runs in the page: what is wrong with a view, or nothing. */
function wrongWith(view: string, language: string, theme: string, kept: number): string {
  const count = (css: string) => document.querySelectorAll(css).length;
  const main = document.querySelector("main");
  if (!main || main.innerText.trim().length < 40) return "the view is empty";
  const alerts = [...document.querySelectorAll("[role=alert]")].map((one) => one.textContent?.trim()).filter((text) => text);
  if (alerts.length > 0) return `an alert: ${alerts.join("; ")}`;
  const drawn = [...main.querySelectorAll<HTMLCanvasElement>("[data-wrong] canvas")].filter((canvas) =>
    canvas
      .getContext("2d")
      ?.getImageData(0, 0, canvas.width, canvas.height)
      .data.some((value, i) => i % 4 !== 3 && value > 0),
  );
  const missing: Readonly<Record<string, string | false>> = {
    quantize:
      (count("[data-node^='unit:']") < 7 && "the network") ||
      (document.querySelector("[data-testid=sentence]")?.getAttribute("data-nearest") === null && "the sentence") ||
      (drawn.length < 12 && `${12 - drawn.length} of the pictures`),
    compare: (count("main h2") < 2 && "the experiments") || (count("[data-runs] tbody tr") < kept && "the kept runs"),
    precision: (count("[data-row=bits] [data-bits]") < 16 && "the bits") || (count("main button:not(:disabled)") < 3 && "the search"),
    inspect: (count("[data-node^='layer:']") < 16 && "the network") || (count("main figure svg path") < 2 && "the figure"),
    learn: count("main section h3") < 6 && "the paragraphs",
  };
  if (missing[view]) return `not there: ${missing[view]}`;
  const { lang, dataset } = document.documentElement;
  if (lang !== language || dataset.theme !== theme) return `the page is in ${lang} and ${dataset.theme}`;
  if (/\p{Script=Hangul}/u.test(main.innerText) !== (language === "ko")) return "the view speaks another language";
  const channels = [...getComputedStyle(document.body).backgroundColor.matchAll(/[\d.]+/g)].slice(0, 3).map(([text]) => Number(text));
  const bright = channels.reduce((sum, value) => sum + value, 0) / 3 > 128;
  if (bright !== (theme === "light")) return `the ground is ${getComputedStyle(document.body).backgroundColor}`;
  const { scrollWidth, clientWidth } = document.documentElement;
  return scrollWidth > clientWidth ? `wider than the window by ${scrollWidth - clientWidth} px` : "";
}

/** Waits until all of a view stands. */
export async function expectView(lab: Lab, { view, language, theme }: Look, kept: number, patience = 60_000): Promise<void> {
  let wrong = "";
  for (const end = Date.now() + patience; Date.now() < end; await pause(200)) {
    wrong = await lab.get(wrongWith, view, language, theme, kept);
    if (wrong === "") return;
  }
  throw new Error(`${view}, ${language}, ${theme}: ${wrong}`);
}

const address = ({ view, language, theme }: Look) => `?view=${view}&lang=${language}&theme=${theme}`;

/** A view opened by its address in both languages and themes. */
export async function expectEveryLook(lab: Lab, view: View): Promise<void> {
  for (const language of ["en", "ko"] as const)
    for (const theme of ["light", "dark"] as const) {
      const look = { view, language, theme };
      await lab.open(address(look), WIDE);
      await expectView(lab, look, 1);
    }
}

/** Each view on a phone: nothing is wider than it, Run is at the foot, the recipe comes as a drawer. */
export async function expectPhone(lab: Lab): Promise<void> {
  for (const [i, view] of VIEWS.entries()) {
    const look = { view, language: i % 2 === 0 ? "en" : "ko", theme: i % 2 === 0 ? "dark" : "light" } as const;
    await lab.open(address(look), PHONE);
    await expectView(lab, look, 1);
    const [width, height] = await lab.get(() => [innerWidth, innerHeight] as const);
    expect(width === PHONE[0] && height === PHONE[1], `the window is ${width}x${height}`);
    const foot = await lab.get(() => {
      const buttons = [...document.querySelectorAll("header button")].map((button) => button.getBoundingClientRect());
      return buttons.some(({ bottom, height: tall, width: wide }) => tall > 0 && wide > 0 && bottom > innerHeight - 80 && bottom <= innerHeight);
    });
    expect(foot, `${view}: no button at the foot of the screen`);
  }
  await lab.open("?lang=en&theme=light", PHONE);
  await lab.click("header button", "Recipe");
  await lab.count("[role=dialog] form [role=radiogroup]", 3);
  await lab.press("Escape");
  await lab.until("the drawer closes", () => document.querySelector("[role=dialog]") === null, []);
}

/**
 * A drawing that stands on the page as a file that stands alone: its markup, the rules of the page's style sheets that it follows, as they are
 * written, so that the theme's tokens in them become the light theme's (standalone.ts), and above and beside it the words that the page
 * sets in HTML.
 */

export interface Words {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  /** A mark in this colour stands before them. */
  readonly colour?: string;
}

/** Properties that a drawing follows; rules without any of them say nothing about it. */
const DRAWS = /\b(fill|stroke|font|opacity|text-anchor|visibility)\b/;
const [TITLE, SIDE] = [34, 8] as const;

/** @param title above the drawing @returns markup that may use the theme's tokens */
export function drawnSvg(svg: SVGSVGElement, title: string, words: readonly Words[] = []): string {
  const view = svg.viewBox.baseVal;
  const [width, height] = view?.width ? [view.width, view.height] : [svg.width.baseVal.value, svg.height.baseVal.value];
  const drawing = svg.cloneNode(true) as SVGSVGElement;
  for (const name of ["width", "height", "viewBox", "style"]) drawing.removeAttribute(name);
  // A file is looked at: nothing in it is a button or has the focus.
  for (const element of [drawing, ...drawing.querySelectorAll("*")])
    for (const name of element.getAttributeNames()) if (/^(role|tabindex|aria-.*|data-.*)$/.test(name)) element.removeAttribute(name);
  const file = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const make = (name: string, attributes: Readonly<Record<string, string | number>>, text = "") => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
    element.textContent = text;
    return element;
  };
  const [wide, tall] = [Math.ceil(width + 2 * SIDE), Math.ceil(height + TITLE + SIDE)];
  for (const [key, value] of Object.entries({ width: wide, height: tall, viewBox: `0 0 ${wide} ${tall}`, "font-family": "sans-serif", role: "img" }))
    file.setAttribute(key, String(value));
  file.append(make("title", {}, title), make("rect", { width: wide, height: tall, fill: "#ffffff" }));
  const look = document.createElementNS("http://www.w3.org/2000/svg", "style");
  look.textContent = rulesOf(svg).join("\n");
  file.append(
    look,
    make(
      "text",
      { x: SIDE, y: 22, "font-size": Math.min(14, (wide - 2 * SIDE) / (0.6 * title.length)), "font-weight": "bold", fill: "var(--ink)" },
      title,
    ),
  );
  const moved = make("g", { transform: `translate(${SIDE} ${TITLE})` });
  const nested = make("g", drawing.getAttribute("class") ? { class: drawing.getAttribute("class") as string } : {});
  nested.append(...drawing.childNodes);
  moved.append(nested);
  for (const { x, y, text, colour } of words) {
    if (colour) moved.append(make("rect", { x, y: y - 9, width: 10, height: 10, fill: colour }));
    moved.append(make("text", { x: colour ? x + 15 : x, y, "font-size": 12, "font-weight": colour ? "normal" : "bold", fill: "var(--ink)" }, text));
  }
  file.append(moved);
  return new XMLSerializer().serializeToString(file);
}

/** Rules of the page that something in the drawing follows, in their order. */
function rulesOf(svg: SVGSVGElement): string[] {
  const follows = (selector: string) => {
    try {
      return svg.matches(selector) || svg.querySelector(selector) !== null;
    } catch {
      return false;
    }
  };
  return [...document.styleSheets].flatMap((sheet) =>
    [...sheet.cssRules].flatMap((rule) =>
      rule instanceof CSSStyleRule && DRAWS.test(rule.cssText) && !/^(html|body|\*|:root)/.test(rule.selectorText) && follows(rule.selectorText)
        ? [rule.cssText]
        : [],
    ),
  );
}

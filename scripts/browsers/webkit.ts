/**
 * WebKitGTK by selenium-webdriver: its driver (WebKitWebDriver) starts its MiniBrowser, on a screen of its own (xvfb-run). The window
 * cannot be as narrow as a phone, because its toolbar cannot, so a narrow page is opened in a frame of that size.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { Builder, By, Capabilities, Key, type WebDriver } from "selenium-webdriver";
import type { Browser, Driver, KeyName, Size } from "./driver";
import { FRAME, FRAME_ID } from "./server";

const DRIVER = "/usr/bin/WebKitWebDriver";
const XVFB = "/usr/bin/xvfb-run";
/** No window of MiniBrowser is narrower. */
const NARROWEST = 500;
const KEYS: Readonly<Record<KeyName, string>> = { ArrowRight: Key.ARROW_RIGHT, Home: Key.HOME, Escape: Key.ESCAPE };

/** MiniBrowser lies with its library, under the machine's own name. */
/** The middle of a drawing's part, which its own click takes for nothing that can be clicked; null for all else. */
const PLACE_OF_DRAWING = `
  const [element] = arguments;
  if (!(element instanceof SVGElement)) return null;
  element.scrollIntoView({ block: "nearest", inline: "nearest" });
  const { left, top, width, height } = element.getBoundingClientRect();
  return { x: Math.round(left + width / 2), y: Math.round(top + height / 2) };`;

function findMiniBrowser(): string | null {
  if (!existsSync(DRIVER) || !existsSync(XVFB)) return null;
  const folders = ["/usr/lib", "/usr/libexec"].filter((folder) => existsSync(folder));
  const machines = folders.flatMap((folder) => [folder, ...readdirSync(folder).map((name) => join(folder, name))]);
  const versions = ["webkitgtk-6.0", "webkit2gtk-4.1", "webkit2gtk-4.0"];
  const paths = machines.flatMap((folder) => versions.map((version) => join(folder, version, "MiniBrowser")));
  return paths.find((path) => existsSync(path)) ?? null;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

/** The home of the browser's user, whose downloads are kept apart. */
function makeHome(folder: string): { readonly home: string; readonly downloads: string } {
  const downloads = join(folder, "downloads");
  mkdirSync(downloads, { recursive: true });
  mkdirSync(join(folder, ".config"), { recursive: true });
  writeFileSync(join(folder, ".config/user-dirs.dirs"), `XDG_DOWNLOAD_DIR="${downloads}"\n`);
  return { home: folder, downloads };
}

async function connect(server: string, binary: string, started: ChildProcess): Promise<WebDriver> {
  const capabilities = new Capabilities({ browserName: "MiniBrowser", "webkitgtk:browserOptions": { binary, args: ["--automation"] } });
  for (let tries = 0; ; tries++) {
    try {
      return await new Builder().usingServer(server).withCapabilities(capabilities).build();
    } catch (error) {
      if (tries > 20 || started.exitCode !== null) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

async function start(binary: string, folder: string): Promise<Driver> {
  const { home, downloads } = makeHome(folder);
  const port = await freePort();
  const started = spawn(XVFB, ["-a", "-s", "-screen 0 1600x1200x24", DRIVER, `--port=${port}`], {
    stdio: "ignore",
    detached: true,
    env: { ...process.env, HOME: home, XDG_CONFIG_HOME: join(home, ".config") },
  });
  const stop = () => {
    if (started.pid !== undefined && started.exitCode === null) process.kill(-started.pid);
  };
  try {
    const driver = await connect(`http://127.0.0.1:${port}`, binary, started);
    const capabilities = await driver.getCapabilities();
    await driver.manage().setTimeouts({ script: 60_000, pageLoad: 60_000 });
    const size = async (): Promise<Size> => (await driver.executeScript("return [innerWidth, innerHeight]")) as unknown as Size;
    /** Makes the window so large that the page has the size. */
    const resize = async ([width, height]: Size) => {
      await driver.manage().window().setRect({ x: 0, y: 0, width, height });
      const [innerWidth, innerHeight] = await size();
      await driver
        .manage()
        .window()
        .setRect({ x: 0, y: 0, width: 2 * width - innerWidth, height: 2 * height - innerHeight });
    };
    return {
      version: `WebKitGTK ${capabilities.getBrowserVersion()}`,
      downloads,
      async open(address, [width, height]) {
        await driver.switchTo().defaultContent();
        await driver.get("about:blank");
        await resize([Math.max(width, NARROWEST), height]);
        if (width >= NARROWEST) return driver.get(address);
        await driver.get(`${new URL(FRAME, address)}?width=${width}&height=${height}&address=${encodeURIComponent(address)}`);
        await driver.switchTo().frame(driver.findElement(By.id(FRAME_ID)));
      },
      evaluate: (expression) => driver.executeScript(`return (${expression})`),
      async click(selector) {
        const element = await driver.findElement(By.css(selector));
        const place = (await driver.executeScript(PLACE_OF_DRAWING, element)) as unknown as { x: number; y: number } | null;
        if (!place) return element.click();
        await driver.actions().move(place).click().perform();
      },
      choose: (selector, value) => driver.findElement(By.css(`${selector} option[value="${value}"]`)).click(),
      press: (key) => driver.actions().sendKeys(KEYS[key]).perform(),
      async screenshot(path) {
        writeFileSync(path, Buffer.from(await driver.takeScreenshot(), "base64"));
      },
      async close() {
        await driver.quit().catch(() => undefined);
        stop();
      },
    };
  } catch (error) {
    stop();
    throw error;
  }
}

export const webkit: Browser = {
  title: "WebKitGTK",
  missing: "WebKitGTK's driver and a screen for it (Debian: webkit2gtk-driver, xvfb)",
  path: findMiniBrowser(),
  start,
};

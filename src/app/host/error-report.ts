/**
 * What a person sends who reports an error: the message, versions, browser and machine, adapter, settings, and what the session said lately.
 * It holds no image and no weight; files stand in it by the names and hashes that a recipe has.
 */
import { version } from "../../../package.json";
import type { Recipe } from "../../session/recipe/recipe";
import { ARITHMETIC_VERSION } from "../../session/share/arithmetic";
import type { View } from "../state/view";
import { logged } from "./log";

interface Reported {
  readonly error: string;
  /** As the form has it; what ran last had `view.recipe`. */
  readonly recipe: Recipe;
  readonly view: View;
}

export function errorReport({ error, recipe, view }: Reported): string {
  const { network, device, memory } = view;
  const report = {
    error,
    lab: { version, arithmetic: ARITHMETIC_VERSION, page: `${location.origin}${location.pathname}` },
    browser: {
      agent: navigator.userAgent,
      language: navigator.language,
      cores: navigator.hardwareConcurrency,
      isolated: globalThis.crossOriginIsolated,
      webgpu: "gpu" in navigator,
    },
    device: device && { kind: device.kind, description: device.description, reason: device.reason },
    state: view.state,
    network: network && { name: network.name, parameters: network.parameters, units: network.units.length },
    memory: memory?.estimate ?? null,
    recipe,
    ran: view.recipe,
    date: new Date().toISOString(),
    log: logged(),
  };
  return JSON.stringify(report, null, 2);
}

/**
 * Trusted Types (W3C, "Trusted Types"): where a browser has them, the page's policy lets no text become a script's address or a document
 * but through here. Scripts are the lab's own files; drawings are what src/charts writes, which escapes what it did not make. Elsewhere
 * nothing changes.
 */
interface Policy {
  createScriptURL(url: string): unknown;
  createHTML(markup: string): unknown;
}

/** Named in the content security policy (app/host/policy.ts). */
export const TRUSTED_POLICY = "brecq-lab";

let policy: Policy | null | undefined;

function trusted(): Policy | null {
  const { trustedTypes } = globalThis as { trustedTypes?: { createPolicy(name: string, rules: Policy): Policy } };
  policy ??=
    trustedTypes?.createPolicy(TRUSTED_POLICY, {
      createScriptURL(url) {
        if (new URL(url, location.href).origin !== location.origin) throw new TypeError(`${url} is no script of the lab`);
        return url;
      },
      createHTML: (markup) => markup,
    }) ?? null;
  return policy;
}

/** The address of one of the lab's own scripts, for a worker or a service worker. @throws TypeError for another host's */
export function ownScript(url: string): string {
  return (trusted()?.createScriptURL(url) ?? url) as string;
}

/** A drawing of src/charts, to be parsed. */
export function ownDrawing(markup: string): string {
  return (trusted()?.createHTML(markup) ?? markup) as string;
}

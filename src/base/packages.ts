/**
 * Packages that the lab uses where they are installed: nobody needs all of them, and some are large. Whoever lacks one is told
 * the line that installs it.
 */
import { BadInput } from "./errors";

/** What Node, browsers and bundlers (Vite's stand-in for an optional peer) say of a package that is not there. */
const MISSING = [/Cannot find (package|module)/, /Failed to resolve module specifier/, /^Could not resolve "/];

/**
 * What to throw where a package could not be imported: a sentence for the person where it is not installed, else the error itself.
 * @param what needs the package
 * @param otherwise what to do without it
 */
export function missingPackage(error: unknown, name: string, what: string, otherwise?: string): unknown {
  const message = error instanceof Error ? error.message : String(error);
  if (!MISSING.some((pattern) => pattern.test(message)) || !message.includes(name)) return error;
  return new BadInput(`${what} needs the package ${name}: npm install ${name}${otherwise ? ` (${otherwise})` : ""}.`);
}

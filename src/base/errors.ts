/**
 * A person gave the lab something it cannot use. The message is one sentence for that person: which
 * file, node or field, what was found, what was expected, and what to do. Anything else that is thrown
 * is a defect of ours.
 */
export class BadInput extends Error {
  override name = "BadInput";
}

/** The run was stopped on request; what had been computed stays valid. */
export class Cancelled extends Error {
  override name = "Cancelled";
  constructor() {
    super("The run was cancelled.");
  }
}

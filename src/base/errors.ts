/**
 * A person gave the lab something it cannot use. The message is one sentence for that person: which
 * file, node or field, what was found, what was expected, and what to do. Anything else that is thrown
 * is a defect of ours.
 */
export class BadInput extends Error {
  override name = "BadInput";
  constructor(message: string, options?: ErrorOptions) {
    super(shortened(message), options);
  }
}

/** A damaged file may name a node by a megabyte: what a person reads of one name, and of a message, at its beginning and its end. */
const NAME = { head: 120, tail: 60 } as const;
const MESSAGE = { head: 1200, tail: 300 } as const;

function shortened(message: string): string {
  return cut(
    message.replace(/"[^"]*"/g, (name) => cut(name, NAME)),
    MESSAGE,
  );
}

function cut(text: string, { head, tail }: { readonly head: number; readonly tail: number }): string {
  return text.length <= head + tail ? text : `${text.slice(0, head)} … ${text.slice(-tail)}`;
}

/** A model file leaves its images' height and width open, and nobody has said them yet. */
export class OpenInputSize extends BadInput {
  override name = "OpenInputSize";
}

/**
 * A compute thread trapped or died in the middle of a job: a defect or a lack of memory, never a person's input. Whatever
 * shares its memory is unusable afterwards.
 */
export class ThreadFailure extends Error {
  override name = "ThreadFailure";
  constructor(cause: unknown) {
    super(`A compute thread stopped (${cause instanceof Error ? cause.message : cause}).`, { cause });
  }
}

/** The GPU was taken away in the middle of a job: its driver was restarted, another program took it, or the machine slept. A new device may work. */
export class DeviceLost extends Error {
  override name = "DeviceLost";
  constructor(reason: string) {
    super(`The GPU was lost (${reason.replace(/\.$/, "") || "without a reason"}).`);
  }
}

/** The run was stopped on request; what had been computed stays valid. */
export class Cancelled extends Error {
  override name = "Cancelled";
  constructor() {
    super("The run was cancelled.");
  }
}

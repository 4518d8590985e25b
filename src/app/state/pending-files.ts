/**
 * Files that were chosen and have not been read yet. One that cannot be taken leaves what stood before it: the network, or the
 * images, is given back to the worker, and the page says why at its field.
 */
import type { FileRole } from "../../session/inputs/sources";
import type { LabEvent } from "../../session/worker/events";
import type { SentFiles } from "../../session/worker/protocol";
import type { FormState } from "./files";
import type { View } from "./view";

type Form = FormState & { readonly view: View };

/** What the store lends. */
interface Lender {
  get(): Form;
  set(change: Partial<Form>): void;
  check(): void;
  readonly client: { readonly given: ReadonlyMap<FileRole, SentFiles>; give(role: FileRole, given: SentFiles | null): void };
}

/** What a chosen file took the place of. */
interface Before {
  readonly lab: Omit<FormState, "refused">;
  readonly given: SentFiles | null;
  readonly previews: View["previews"];
}

function beforeOf(
  { recipe, files, builtinImagesWanted, preprocessingAssumed, view }: FormState & { readonly view: View },
  given: SentFiles | null,
): Before {
  return { lab: { recipe, files, builtinImagesWanted, preprocessingAssumed }, given, previews: view.previews };
}

/** What changes when a file is refused: what it took the place of stands again, with a word on why. */
function refusing(lab: Form, role: FileRole, { lab: stood, previews }: Before, message: string): Partial<FormState> & { readonly view: View } {
  const refused = { ...lab.refused, [role]: { name: lab.files[role] ?? "", message } };
  const view = { ...lab.view, error: message, previews: role === "model" ? previews : { ...lab.view.previews, [role]: previews[role] } };
  if (role === "model") return { ...stood, refused, view };
  return { recipe: { ...lab.recipe, [role]: stood.recipe[role] }, files: { ...lab.files, [role]: stood.files[role] }, refused, view };
}

export class PendingFiles {
  private readonly before = new Map<FileRole, Before>();
  /** An error that is still to be read, though a check has begun anew. */
  private told: string | null = null;

  constructor(private readonly lab: Lender) {}

  /** Call before the form takes a chosen file. */
  begin(role: FileRole): void {
    const { lab, before } = this;
    if (!before.has(role)) before.set(role, beforeOf(lab.get(), lab.client.given.get(role) ?? null));
  }

  drop(role: FileRole): void {
    this.before.delete(role);
  }

  clear(): void {
    this.before.clear();
    this.told = null;
  }

  /** Follows what the worker says of the files. */
  settle(events: readonly LabEvent[]): void {
    for (const event of events) {
      if (event.type === "network") this.drop("model");
      else if (event.type === "failed" && event.badInput) this.refuse("model", event.message);
      else if (event.type === "preview" && event.preview && "error" in event.preview && event.preview.unreadable)
        this.refuse(event.role, event.preview.error);
      else if (event.type === "preview") this.drop(event.role);
      else if (event.type === "state" && event.state === "ready") this.tellAgain();
    }
  }

  private refuse(role: FileRole, message: string): void {
    const stood = this.before.get(role);
    if (!stood) return;
    this.before.delete(role);
    const { lab } = this;
    lab.client.give(role, stood.given);
    lab.set(refusing(lab.get(), role, stood, message));
    if (role === "model") return;
    // What was seen of the images goes back too; a check begins without an error, and this one is still to be read.
    this.told = message;
    lab.check();
  }

  private tellAgain(): void {
    if (this.told === null) return;
    const { view } = this.lab.get();
    this.lab.set({ view: { ...view, error: this.told } });
    this.told = null;
  }
}

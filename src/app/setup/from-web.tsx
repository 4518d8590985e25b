/** A network or images from the web: an address, the host that will be asked, what it has, and what was fetched before. */
import { useId, useState } from "react";
import type { FileRole } from "../../session/inputs/sources";
import { HUB, hostOf, parseKept, type WebAddress } from "../../session/web/address";
import { useLab } from "../state/react";
import { inRange, TextField } from "../ui/fields";
import { type Step, useWebSteps, type WebSteps } from "./web-steps";

/** Images that are fetched where nothing else is said. */
const ROWS = 1024;

interface FromWebProps {
  readonly role: FileRole;
  /** What the field beside it is called. */
  readonly label: string;
}

export function FromWeb({ role, label }: FromWebProps): React.ReactNode {
  const steps = useWebSteps(role);
  const [text, setText] = useState("");
  const [token, setToken] = useState("");
  const [rows, setRows] = useState(ROWS);
  const id = useId();
  const settings = { token, rows };
  const { step } = steps;
  const example = role === "model" ? "onnx-community/… or https://…/model.onnx" : "ylecun/mnist or https://…/images.zip";
  return (
    <fieldset className="from-web" aria-label={`${label} from the web`}>
      <Offer role={role} steps={steps} settings={settings} />
      <div className="from-web-address">
        <input
          id={id}
          aria-label={`${label}: Hugging Face id or URL`}
          placeholder={example}
          value={text}
          disabled={step.kind === "waiting"}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter") steps.type(text);
          }}
        />
        <button type="button" disabled={text.trim() === "" || step.kind === "waiting"} onClick={() => steps.type(text)}>
          Look up
        </button>
      </div>
      {role === "model" ? null : (
        <TextField
          label="Images"
          help="How many are fetched of a data set; only the parts of its files that hold them"
          value={rows}
          format={String}
          parse={inRange(1, 100000, true)}
          onChange={setRows}
        />
      )}
      <details>
        <summary>Access token, for private or gated repositories</summary>
        <input
          type="password"
          autoComplete="off"
          aria-label={`${label}: access token`}
          value={token}
          onChange={(event) => setToken(event.target.value)}
        />
        <p className="faint">It is sent to {new URL(HUB).host} alone and never stored: it is gone when this page is closed.</p>
      </details>
      <CurrentStep step={step} steps={steps} settings={settings} />
      {steps.error ? (
        <p className="error" role="alert">
          {steps.error}
        </p>
      ) : null}
      {steps.notes.map((note) => (
        <p key={note} className="warning">
          {note}
        </p>
      ))}
      <KeptList steps={steps} label={label} />
    </fieldset>
  );
}

interface StepsProps {
  readonly steps: WebSteps;
  readonly settings: { readonly token: string; readonly rows: number };
}

/** One click for the very file that an opened recipe names. */
function Offer({ role, steps, settings }: StepsProps & { readonly role: FileRole }): React.ReactNode {
  const named = useLab((lab) => lab.recipe[role]);
  const missing = useLab((lab) => lab.files[role] === null);
  if (!missing || !named || named.kind === "builtin" || !named.from || steps.step.kind === "waiting") return null;
  const address = keptAddress(named.from);
  if (typeof address === "string")
    return (
      <p className="error" role="alert">
        {address}
      </p>
    );
  return (
    <p>
      <button type="button" className="primary" onClick={() => steps.fetchOffered(address, named.sha256, settings)}>
        Fetch {named.name} from {hostOf(address, HUB)}
      </button>{" "}
      <span className="faint">{named.from}; its content is checked against the recipe.</span>
    </p>
  );
}

/** A recipe's address, or why it is none: a link is a stranger's data. */
function keptAddress(from: string): WebAddress | string {
  try {
    return parseKept(from, HUB, location.origin);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function CurrentStep({ step, steps, settings }: StepsProps & { readonly step: Step }): React.ReactNode {
  if (step.kind === "typing") return null;
  if (step.kind === "confirm") {
    const { address, host } = step;
    const what = address.kind === "url" ? address.url : `${address.path ?? "the list of files"} of ${address.id}`;
    return (
      <div className="from-web-confirm">
        <p>
          This will ask <strong>{host}</strong> for {what}. That host, and the ones that it passes the request on to, will see your network address.
        </p>
        <button type="button" className="primary" onClick={() => steps.ask(address, settings)}>
          Ask {host}
        </button>{" "}
        <button type="button" onClick={steps.cancel}>
          Do not ask
        </button>
      </div>
    );
  }
  if (step.kind === "picking")
    return (
      <ul className="from-web-list" aria-label="What was found">
        {step.choices.map((picked) => (
          <li key={picked.title}>
            <button type="button" className="quiet" onClick={() => steps.pick(picked, settings)}>
              {picked.title}
            </button>
            <span className="faint">{picked.size === null ? "" : megabytes(picked.size)}</span>
          </li>
        ))}
      </ul>
    );
  const { progress, host } = step;
  return (
    <div>
      <p className="faint">
        {progress
          ? `${progress.text}: ${megabytes(progress.received)}${progress.total === null ? "" : ` of ${megabytes(progress.total)}`}`
          : `Asking ${host}`}
      </p>
      <progress aria-label="Progress of the download" max={1} value={progress?.total ? progress.received / progress.total : undefined} />
      <button type="button" onClick={steps.cancel}>
        Stop fetching
      </button>
    </div>
  );
}

/** What was fetched before: it is used without asking anyone. */
function KeptList({ steps, label }: { readonly steps: WebSteps; readonly label: string }): React.ReactNode {
  const { kept, place } = steps;
  if (kept.length === 0) return null;
  return (
    <div>
      <p className="faint">Fetched before, kept in {place}:</p>
      <ul className="from-web-list" aria-label={`${label}: fetched before`}>
        {kept.map((entry) => (
          <li key={entry.key}>
            <button type="button" className="quiet" onClick={() => steps.use(entry)}>
              {entry.name}
            </button>
            <span className="faint">
              {entry.host}, {megabytes(entry.files.reduce((sum, { size }) => sum + size, 0))}
            </span>
            <button type="button" className="quiet" aria-label={`Delete ${entry.name}`} onClick={() => steps.remove(entry)}>
              Delete
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

function megabytes(bytes: number): string {
  return bytes < 100_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

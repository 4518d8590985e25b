/** Chooses files or a folder, by dialog or by dropping them. */

import { useId, useRef, useState } from "react";
import { useDropzone } from "react-dropzone";
import type { FileRole } from "../../session/inputs/sources";
import type { SentFiles } from "../../session/worker/protocol";
import { useLab } from "../state/react";
import { onDemand } from "../ui/lazy";

const FromWeb = onDemand(async () => (await import("./from-web")).FromWeb);

interface FileFieldProps {
  readonly files: FileRole;
  readonly label: string;
  readonly hint: string;
  readonly current: string;
  readonly disabled: boolean;
}

/** Path below what was chosen: a dropped folder's files carry it with a leading "./" or "/". */
function pathOf(file: File): string {
  const relative = (file as File & { path?: string }).path || file.webkitRelativePath || file.name;
  return relative.replace(/^\.?\//, "");
}

function sent(files: readonly File[]): SentFiles {
  const paths = files.map(pathOf);
  const folder = paths[0]?.includes("/") ? (paths[0].split("/")[0] as string) : null;
  // Of a model and its weights, the model names them.
  const network = paths.find((path) => /\.(json|onnx)$/i.test(path));
  const name = files.length === 1 ? (paths[0] as string) : (folder ?? network ?? `${files.length} files`);
  return { name, files: files.map((file, i) => ({ path: paths[i] as string, file })) };
}

export function FileField({ files: role, label, hint, current, disabled }: FileFieldProps): React.ReactNode {
  const choose = useLab((lab) => lab.choose);
  const complain = useLab((lab) => lab.complain);
  const named = useLab((lab) => lab.recipe[role]);
  const missing = useLab((lab) => lab.files[role] === null);
  const [asked, setAsked] = useState(false);
  // A recipe that says where its file is offers to fetch it.
  const offered = missing && named !== null && named.kind !== "builtin" && named.from !== undefined;
  if (offered && !asked) setAsked(true);
  const folder = useRef<HTMLInputElement>(null);
  const id = useId();
  const take = (list: readonly File[]) => {
    if (list.length > 0) choose(role, sent(list), null);
    else
      complain(
        `What was chosen for ${label.toLowerCase()} is empty; expected ${role === "model" ? "an ONNX file, or model.json with its weight files" : "images, or a folder of images for each class"}.`,
      );
  };
  const { getRootProps, getInputProps, isDragActive } = useDropzone({
    disabled,
    onDrop: take,
  });
  return (
    <div className="file-field">
      <label htmlFor={id}>{label}</label>
      <div {...getRootProps({ className: isDragActive ? "drop drop-active" : "drop", role: "presentation" })}>
        <input {...getInputProps({ id, "aria-label": label })} data-role={role} />
        <strong>{current}</strong>
        <span>{hint}</span>
      </div>
      <div className="file-ways">
        <button type="button" className="quiet" onClick={() => folder.current?.click()}>
          Choose a folder
        </button>
        <button type="button" className="quiet" aria-expanded={asked} onClick={() => setAsked(!asked)}>
          or from the web
        </button>
      </div>
      <input
        ref={folder}
        type="file"
        hidden
        // @ts-expect-error React's types miss the attribute that every browser knows
        webkitdirectory=""
        data-folder={role}
        onChange={(event) => {
          take([...(event.target.files ?? [])]);
          event.target.value = "";
        }}
      />
      {asked ? <FromWeb role={role} label={label} /> : null}
    </div>
  );
}

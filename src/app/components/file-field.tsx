/** Chooses files or a folder, by dialog or by dropping them. */
import { useId } from "react";
import { useDropzone } from "react-dropzone";
import type { FileRole, SentFiles } from "../../session/protocol";
import { useLab } from "../state/react";

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
  const name = files.length === 1 ? (paths[0] as string) : (folder ?? `${files.length} files`);
  return { name, files: files.map((file, i) => ({ path: paths[i] as string, file })) };
}

export function FileField({ files: role, label, hint, current, disabled }: FileFieldProps): React.ReactNode {
  const choose = useLab((lab) => lab.choose);
  const id = useId();
  const { getRootProps, getInputProps, isDragActive } = useDropzone({
    disabled,
    multiple: role !== "model",
    onDrop: (files) => {
      if (files.length > 0) choose(role, sent(files));
    },
  });
  return (
    <div className="file-field">
      <label htmlFor={id}>{label}</label>
      <div {...getRootProps({ className: isDragActive ? "drop drop-active" : "drop", role: "presentation" })}>
        <input {...getInputProps({ id, "aria-label": label })} data-role={role} />
        <strong>{current}</strong>
        <span>{hint}</span>
      </div>
    </div>
  );
}

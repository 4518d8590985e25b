/**
 * Files that hand a plan to what runs many programs on many machines: Slurm, Kubernetes, Snakemake, GNU parallel. All of them start the
 * same command, which may be started again at any time: it does what is missing. Its exit codes say what to do: 0 finished, 1 a trial
 * failed and would fail again, 2 the plan or its files are wrong, 75 (EX_TEMPFAIL of sysexits.h) stopped early, start it again.
 *
 * The command is read from BRECQ_LAB, for a cluster where it is installed elsewhere.
 */
import type { Plan } from "./plan";

export interface SchedulerFile {
  readonly name: string;
  readonly text: string;
  /** How it is used, in a line of shell. */
  readonly use: string;
}

/** @param version of the lab @param folder the plan's folder, as an absolute path */
export function schedulerFiles(plan: Plan, folder: string, version: string): SchedulerFile[] {
  return [slurm(plan, folder), kubernetes(plan, version), snakemake(plan), parallel(plan)];
}

function slurm({ shards, experiment }: Plan, folder: string): SchedulerFile {
  const text = `#!/usr/bin/env bash
# ${oneLine(experiment.title)}: one task a shard. Submit it again and it does what is missing.
#SBATCH --job-name=brecq-lab
#SBATCH --array=1-${shards}
#SBATCH --cpus-per-task=2
#SBATCH --requeue
#SBATCH --open-mode=append
# A minute before its time is up a task is told so, and keeps what it has.
#SBATCH --signal=B:TERM@60
#SBATCH --output=${folder.replaceAll("%", "%%")}/slurm-%A_%a.txt

command=(\${BRECQ_LAB:-npx brecq-lab} run ${quoted(folder)} --shard "$SLURM_ARRAY_TASK_ID/${shards}" --threads "\${SLURM_CPUS_PER_TASK:-2}")
"\${command[@]}" &
worker=$!
trap 'kill -TERM "$worker" 2>/dev/null' TERM INT
wait "$worker"; code=$?
# A signal ends the waiting, not the worker.
while kill -0 "$worker" 2>/dev/null; do wait "$worker"; code=$?; done

# Stopped early or killed: queued again, ten times at most. What it had kept is gone on from.
if [ "$code" -eq 75 ] || [ "$code" -gt 128 ]; then
  if [ "\${SLURM_RESTART_COUNT:-0}" -lt 10 ] && scontrol requeue "$SLURM_JOB_ID"; then exit 0; fi
fi
exit "$code"
`;
  return { name: "slurm.sh", text, use: "sbatch slurm.sh" };
}

function kubernetes({ shards, experiment }: Plan, version: string): SchedulerFile {
  const text = `# ${oneLine(experiment.title)}: an indexed Job, one pod a shard.
# The claim brecq-lab holds the folder of the plan as /plan, and the files that the plan names at the paths that it names.
apiVersion: batch/v1
kind: Job
metadata:
  name: brecq-lab
spec:
  completionMode: Indexed
  completions: ${shards}
  parallelism: ${shards}
  backoffLimitPerIndex: 10
  podFailurePolicy:
    rules:
      # A trial that failed, or files that are wrong: to start again would not help.
      - action: FailIndex
        onExitCodes: { containerName: worker, operator: In, values: [1, 2] }
      # Stopped early, or moved off its node: started again without counting.
      - action: Ignore
        onExitCodes: { containerName: worker, operator: In, values: [75] }
      - action: Ignore
        onPodConditions: [{ type: DisruptionTarget }]
  template:
    spec:
      restartPolicy: Never
      terminationGracePeriodSeconds: 60
      containers:
        - name: worker
          image: node:22-slim
          command: ["sh", "-c", "exec \${BRECQ_LAB:-npx --yes brecq-lab@${version}} run /plan --shard $((JOB_COMPLETION_INDEX + 1))/${shards}"]
          resources: { requests: { cpu: "2", memory: 4Gi } }
          volumeMounts: [{ name: plan, mountPath: /plan }]
      volumes:
        - name: plan
          persistentVolumeClaim: { claimName: brecq-lab }
`;
  return { name: "kubernetes.yaml", text, use: "kubectl apply -f kubernetes.yaml" };
}

function snakemake({ trials, experiment }: Plan): SchedulerFile {
  const text = `# ${oneLine(experiment.title)}: a job for each trial, and one for the table.
import os

COMMAND = os.environ.get("BRECQ_LAB", "npx brecq-lab")
TRIALS = """
${trials.map(({ name }) => name).join("\n")}
""".split()

rule all:
    input: "results.csv"

rule trial:
    output: "reports/{trial}.json"
    threads: 2
    retries: 10
    shell: "{COMMAND} run . --trial {wildcards.trial} --threads {threads}"

rule merge:
    input: expand("reports/{trial}.json", trial=TRIALS)
    output: "results.csv"
    shell: "{COMMAND} merge ."
`;
  return { name: "Snakefile", text, use: "snakemake --cores 4" };
}

function parallel({ trials, experiment }: Plan): SchedulerFile {
  const text = `#!/usr/bin/env bash
# ${oneLine(experiment.title)}: trials by GNU parallel, here or on the machines of --sshlogin, which see this folder under the same path.
cd "$(dirname "$(realpath "$0")")" || exit 2
exec parallel --retries 10 --jobs "\${JOBS:-50%}" "$@" --workdir "$PWD" \${BRECQ_LAB:-npx brecq-lab} run . --trial {} --threads 2 ::: \\
  ${trials.map(({ name }) => name).join(" \\\n  ")}
`;
  return { name: "parallel.sh", text, use: "bash parallel.sh" };
}

/** For a comment, which ends with its line. */
function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ");
}

/** For a shell: as it stands, whatever it holds. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

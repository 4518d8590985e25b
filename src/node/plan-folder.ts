/**
 * A plan's folder, which all machines that work on it see:
 *
 *     plan.json            the experiment and its trials
 *     reports/TRIAL.json   of finished trials; nothing else says that one is finished
 *     failures/TRIAL.json  why the last attempt of a trial failed
 *     claims/              who is at work on what (claims.ts)
 *     checkpoints/TRIAL/   of trials under way
 *     shared/              units that trials have in common (session/trials/shared-units.ts)
 */
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { BadInput } from "../base/errors";
import { parseRecipe } from "../session/recipe/schema";
import type { Report } from "../session/run/report";
import { ARITHMETIC_VERSION, arithmeticOf } from "../session/share/arithmetic";
import { type Plan, planText, readPlan, type Trial, trialName } from "../session/trials/plan";
import type { TrialResult } from "../session/trials/results";
import type { SharedFiles } from "../session/trials/shared-units";
import { type CheckpointFolder, checkpointFolder } from "./checkpoint-folder";
import { Claims } from "./claims";
import { writeWhole } from "./whole-file";

export class PlanFolder {
  readonly claims: Claims;

  constructor(readonly path: string) {
    this.claims = new Claims(join(path, "claims"));
  }

  async write(plan: Plan): Promise<void> {
    await writeWhole(join(this.path, "plan.json"), planText(plan));
  }

  /** @throws BadInput where there is no plan, or none that can be used */
  async read(): Promise<Plan> {
    const file = join(this.path, "plan.json");
    const text = await readFile(file, "utf8").catch(() => {
      throw new BadInput(`${this.path} holds no plan.json; expected the folder that brecq-lab plan wrote.`);
    });
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw new BadInput(`${file} is not JSON; plan the experiment anew.`);
    }
    return readPlan(value, file);
  }

  /** The report of a finished trial; null where there is none, or one of another trial or arithmetic. */
  async report({ name }: Pick<Trial, "name">): Promise<Report | null> {
    try {
      const report = JSON.parse(await readFile(this.reportPath(name), "utf8")) as Report;
      const recipe = parseRecipe(report.recipe, name);
      return arithmeticOf(report) === ARITHMETIC_VERSION && (await trialName(recipe)) === name ? { ...report, recipe } : null;
    } catch {
      return null;
    }
  }

  async finish({ name }: Trial, report: Report): Promise<void> {
    await writeWhole(this.reportPath(name), `${JSON.stringify(report)}\n`);
    await rm(this.failurePath(name), { force: true });
  }

  async fail({ name }: Trial, message: string): Promise<void> {
    await writeWhole(this.failurePath(name), `${JSON.stringify({ message })}\n`);
  }

  async result(trial: Trial): Promise<TrialResult> {
    const report = await this.report(trial);
    return { trial, report, failure: report ? null : await this.failure(trial) };
  }

  /** A folder of its own, which is gone when the trial is finished. */
  checkpoints({ name }: Trial, every: number): CheckpointFolder {
    return checkpointFolder(join(this.path, "checkpoints", name), true, every);
  }

  /** Units that trials share. */
  get shared(): SharedFiles {
    const folder = join(this.path, "shared", "units");
    return {
      async read(name) {
        try {
          return Uint8Array.from(await readFile(join(folder, name)));
        } catch {
          return null;
        }
      },
      write: (name, bytes) => writeWhole(join(folder, name), bytes),
    };
  }

  private async failure({ name }: Trial): Promise<string | null> {
    try {
      return String((JSON.parse(await readFile(this.failurePath(name), "utf8")) as { message: unknown }).message);
    } catch {
      return null;
    }
  }

  private reportPath(name: string): string {
    return join(this.path, "reports", `${name}.json`);
  }

  private failurePath(name: string): string {
    return join(this.path, "failures", `${name}.json`);
  }
}

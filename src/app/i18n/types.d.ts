/** The messages' keys, so that TypeScript checks every use. A new namespace needs a line here. */

import type charts from "./en/charts.json";
import type compare from "./en/compare.json";
import type goal from "./en/goal.json";
import type host from "./en/host.json";
import type inspect from "./en/inspect.json";
import type learn from "./en/learn.json";
import type precision from "./en/precision.json";
import type quantize from "./en/quantize.json";
import type recipe from "./en/recipe.json";
import type resume from "./en/resume.json";
import type share from "./en/share.json";
import type shell from "./en/shell.json";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "shell";
    returnNull: false;
    resources: {
      readonly charts: typeof charts;
      readonly compare: typeof compare;
      readonly host: typeof host;
      readonly inspect: typeof inspect;
      readonly shell: typeof shell;
      readonly learn: typeof learn;
      readonly quantize: typeof quantize;
      readonly recipe: typeof recipe;
      readonly resume: typeof resume;
      readonly share: typeof share;
      readonly goal: typeof goal;
      readonly precision: typeof precision;
    };
  }
}

/** The axes of charts of cost against predicted loss. */
export const digits = (value: unknown): string => Number(value).toPrecision(3);

interface AxisLook {
  readonly type: "number";
  readonly domain: ["auto", "auto"];
  readonly tickFormatter: (value: unknown) => string;
  readonly tick: { readonly fontSize: number };
}

const COMMON: AxisLook = { type: "number", domain: ["auto", "auto"], tickFormatter: digits, tick: { fontSize: 12 } };

export const COST_AXIS: AxisLook & { readonly dataKey: string } = { ...COMMON, dataKey: "cost" };
export const LOSS_AXIS: AxisLook & { readonly dataKey: string; readonly scale: "log"; readonly width: number; readonly name: string } = {
  ...COMMON,
  ...{ dataKey: "loss", scale: "log", width: 60, name: "loss" },
};

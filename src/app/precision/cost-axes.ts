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
/** A little wider than the values, so that the best does not lie on the frame. */
export const LOSS_DOMAIN: [(least: number) => number, (most: number) => number] = [(least) => least * 0.93, (most) => most * 1.07];

export const LOSS_AXIS: Omit<AxisLook, "domain"> & {
  readonly domain: typeof LOSS_DOMAIN;
  readonly dataKey: string;
  readonly scale: "log";
  readonly width: number;
  readonly name: string;
} = {
  ...COMMON,
  ...{ domain: LOSS_DOMAIN, dataKey: "loss", scale: "log", width: 60, name: "loss" },
};

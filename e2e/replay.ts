/**
 * A worker that computes nothing and replays a long run: 20 units of 20,000 iterations at ten messages a second, with all that a
 * real run says beside its losses. It stands in for the page's own worker and speaks its protocol, so that what
 * is measured is the page as it is sent, from the message on, and the page needs no way in for tests.
 */
export interface Replay {
  readonly units: number;
  /** Of each unit. */
  readonly iterations: number;
  /** Messages of losses to each unit. */
  readonly messages: number;
  /** Milliseconds from one message to the next. */
  readonly every: number;
}

/** The worker's script. */
export function replayWorker(replay: Replay): string {
  return `(${worker.toString()})(${JSON.stringify(replay)});`;
}

/** Runs in the worker: it must not name anything outside of itself. */
function worker({ units, iterations, messages, every }: Replay): void {
  const scope = globalThis as unknown as {
    onmessage: (event: { data: { type: string; id: number; job: { kind: string; recipe: Record<string, unknown> } } }) => void;
    postMessage(message: unknown): void;
  };
  const layer = (unit: number, i: number) => ({
    ...{ name: `block${unit}.conv${i}`, id: `block${unit}.conv${i}`, kind: "conv 3x3", kernel: [3, 3, 16, 16], output: [8, 8, 16] },
    ...{ parameters: 2304, macs: 147456, reads: [], position: unit === 0 ? "first" : unit === units - 1 ? "last" : "inner" },
  });
  const network = {
    ...{ name: "replayed", input: [32, 32, 3], classes: 10, parameters: 4608 * units, macs: 294912 * units },
    units: Array.from({ length: units }, (_, unit) => {
      const layers = [layer(unit, 0), layer(unit, 1)];
      const nodes = layers.map(({ id }, i) => ({ id, layer: true, title: "conv 3x3", inputs: [i === 0 ? "" : (layers[0]?.id as string)] }));
      return { name: `block${unit}`, unit, layers, operations: [], nodes, output: [8, 8, 16] };
    }),
  };
  const accuracy = (top1: number) => ({ top1, agreement: top1, images: 2000 });
  const loss = (unit: number, i: number) =>
    (1 / (1 + unit)) * (0.05 + Math.exp((-6 * i) / iterations)) * (0.6 + 0.8 * (((i * 2654435761 + unit * 40503) % 65536) / 65536));

  const run = async (say: (events: unknown[]) => void, recipe: Record<string, unknown>) => {
    const pause = () => new Promise((resolve) => setTimeout(resolve, every));
    const reports: unknown[] = [];
    const soFar = (method: string, unit: number, top1: number) => ({
      type: "soFar",
      soFar: {
        method,
        phase: "weights",
        unit,
        name: `block${unit}`,
        noise: method === "nearest" ? 0.1 + unit / 50 : 0.02,
        accuracy: accuracy(top1),
        full: accuracy(95),
        predictions: [],
      },
    });
    say([
      { type: "state", state: "loading" },
      { type: "recipe", recipe },
      { type: "device", kind: "wasm", description: "WebAssembly, 2 threads", reason: "" },
      { type: "accuracy", name: "fullPrecision", accuracy: accuracy(95), on: "test" },
      { type: "accuracy", name: "nearest", accuracy: accuracy(60), on: "test" },
      ...network.units.map((_, unit) => soFar("nearest", unit, 94 - 1.7 * unit)),
      { type: "state", state: "quantizing" },
    ]);
    for (let unit = 0; unit < units; unit++) {
      say([{ type: "unit", index: unit, name: `block${unit}` }]);
      const size = iterations / messages;
      for (let first = 0; first < iterations; first += size) {
        const reconstruction = Float32Array.from({ length: size }, (_, i) => loss(unit, first + i));
        const regularizer = Float32Array.from({ length: size }, (_, i) => (first + i < 0.2 * iterations ? 0 : loss(unit, first + i) / 10));
        const points = [];
        for (let i = 0; i < size; i += 100) points.push({ iteration: first + i + 1, reconstruction: reconstruction[i], regularizer: regularizer[i] });
        const h = Float32Array.from({ length: 512 }, (_, i) => i / 512);
        const sample = { name: `block${unit}.conv0`, floor: h, h, levels: 4, histogram: new Uint32Array(20).fill(115) };
        say([
          { type: "losses", unit, points, run: { first, reconstruction, regularizer } },
          { type: "rounding", sample: { unit, iteration: first + size, layers: [sample] } },
          {
            type: "progress",
            text: `Reconstructing block${unit}`,
            fraction: (unit + first / iterations) / units,
            secondsLeft: units - unit,
            doing: { what: "unit", phase: "weights", unit: `block${unit}`, index: unit, count: units },
          },
        ]);
        await pause();
      }
      const report = {
        ...{ name: `block${unit}`, phase: "weights", layers: [`block${unit}.conv0`, `block${unit}.conv1`], bits: [2, 2], settled: 0.99, iterations },
        loss: { first: loss(unit, 0), last: loss(unit, iterations - 1), sampled: [[1, loss(unit, 0)]] },
        ...{ reused: false, seconds: 1 },
      };
      reports.push(report);
      say([{ type: "unitDone", index: unit, report }, soFar("quantized", unit, 94.5)]);
    }
    const report = {
      ...{ arithmetic: 2, recipe, evaluatedOn: "evaluation", units: reports, diagnosis: [], warnings: [], seconds: { total: 20 } },
      device: { kind: "wasm", description: "WebAssembly, 2 threads", reason: "" },
      memory: { budget: 1, expected: 1, streamed: 0, peak: 1 },
      accuracy: { fullPrecision: accuracy(95), nearest: accuracy(60), quantized: accuracy(94.5) },
      fingerprint: { top1: 94.5, agreement: 94.5, losses: reports.map(() => 0.1), rounding: "0".repeat(64), result: "1".repeat(64) },
      size: { fullPrecision: 700_000, quantized: 50_000 },
    };
    say([
      { type: "accuracy", name: "quantized", accuracy: accuracy(94.5), on: "test" },
      { type: "done", report },
      { type: "state", state: "done" },
    ]);
  };

  scope.onmessage = ({ data }) => {
    if (data.type !== "job") return;
    const say = (events: unknown[]) => scope.postMessage({ type: "events", job: data.id, events });
    if (data.job.kind === "check")
      say([
        { type: "state", state: "loading" },
        { type: "network", network },
        { type: "state", state: "ready" },
      ]);
    if (data.job.kind === "run") void run(say, { ...data.job.recipe, iterations });
  };
}

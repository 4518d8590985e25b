/**
 * Fuzzing of every reader by jazzer.js, guided by what of the code an input reaches: `npm run fuzz`, with the number of inputs for each
 * reader as `--runs N` and one reader alone by its name. What is found (an error other than bad input, more than two seconds, too much
 * memory) is written to tests/fuzz/found, where tests/fuzz/corpus.test.ts holds it for ever. What came of it goes to docs/results/fuzz.md.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { rolldown } from "rolldown";

const { values, positionals } = parseArgs({
  options: { runs: { type: "string", default: "6000" }, seed: { type: "string", default: "1" }, seeds: { type: "boolean" } },
  allowPositionals: true,
});
const OUT = "dist/fuzz";
/** Milliseconds for an input, and megabytes of the process: the readers' 500, and what Node and the code take themselves. */
const [MOST_TIME, MOST_MEMORY] = [2000, 1200];

async function bundle(entry, file, format) {
  const made = await rolldown({ input: entry, platform: "node", external: [/^@tensorflow\//, "webgpu", "onnxruntime-node"], logLevel: "warn" });
  await made.write({ file: join(OUT, file), format, codeSplitting: false });
  await made.close();
}

rmSync(OUT, { recursive: true, force: true });
await bundle("tests/fuzz/target.ts", "target.cjs", "cjs");

if (values.seeds) {
  await bundle("tests/fuzz/seeds.ts", "seeds.mjs", "esm");
  const { seeds } = await import(join(process.cwd(), OUT, "seeds.mjs"));
  for (const [name, files] of Object.entries(await seeds())) {
    const folder = `tests/fuzz/corpus/${name}`;
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    for (const bytes of files) writeFileSync(join(folder, createHash("sha256").update(bytes).digest("hex").slice(0, 16)), bytes);
  }
  process.exit(0);
}

const rows = [];
let found = 0;
for (const name of positionals.length > 0 ? positionals : readdirSync("tests/fuzz/corpus").sort()) {
  const [corpus, artifacts] = [join(OUT, "corpus", name), `tests/fuzz/found/${name}/`];
  cpSync(`tests/fuzz/corpus/${name}`, corpus, { recursive: true });
  const before = existsSync(artifacts) ? readdirSync(artifacts) : [];
  mkdirSync(artifacts, { recursive: true });
  const libfuzzer = [
    `-runs=${values.runs}`,
    `-seed=${values.seed}`,
    `-artifact_prefix=${artifacts}`,
    `-rss_limit_mb=${MOST_MEMORY}`,
    "-print_final_stats=1",
  ];
  const options = [`${OUT}/target.cjs`, corpus, "-i", OUT, "--timeout", String(MOST_TIME), "--disableBugHooks=.*", "--", ...libfuzzer];
  const { status, stderr, stdout } = spawnSync("npx", ["jazzer", ...options], {
    ...{ env: { ...process.env, BRECQ_FUZZ: name }, encoding: "utf8", maxBuffer: 2 ** 28 },
  });
  const said = `${stdout}\n${stderr}`;
  const stat = (key) => Number(new RegExp(`${key}:\\s*(\\d+)`).exec(said)?.[1] ?? Number.NaN);
  const reached = [...said.matchAll(/cov: (\d+)/g)].map(([, count]) => Number(count)).at(-1) ?? 0;
  const after = readdirSync(artifacts).filter((file) => !before.includes(file));
  if (readdirSync(artifacts).length === 0) rmSync(artifacts, { recursive: true });
  found += after.length + (status === 0 ? 0 : 1);
  rows.push({
    name,
    inputs: stat("stat::number_of_executed_units"),
    reached,
    memory: stat("stat::peak_rss_mb"),
    slowest: stat("stat::slowest_unit_time_sec"),
    after,
  });
  console.log(name, JSON.stringify(rows.at(-1)));
  if (status !== 0) console.log(said.slice(-4000));
}

if (positionals.length === 0) {
  const total = rows.reduce((sum, { inputs }) => sum + inputs, 0);
  const lines = rows.map(
    ({ name, inputs, reached, memory, slowest, after }) =>
      `| ${name} | ${inputs} | ${reached} | ${slowest} | ${memory} | ${after.length === 0 ? "none" : after.join(", ")} |`,
  );
  writeFileSync(
    "docs/results/fuzz.md",
    `# Fuzzing of the readers

\`npm run fuzz -- --runs ${values.runs} --seed ${values.seed}\`, last on ${new Date().toISOString().slice(0, 10)} (Node ${process.versions.node}): ${total} inputs in all. An input
is a fault where anything but a refusal is thrown, where it takes more than ${MOST_TIME / 1000} s, or where the process passes ${MOST_MEMORY} MB; its own code and Node's take
some 200 of them.

| reader | inputs | branches reached | slowest input, s | largest process, MB | found |
| --- | ---: | ---: | ---: | ---: | --- |
${lines.join("\n")}
`,
  );
}
process.exit(found > 0 ? 1 : 0);

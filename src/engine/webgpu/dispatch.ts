/** What a step becomes on the GPU: shaders with their bindings and grid. */

export type WordType = "f32" | "i32" | "u32" | "vec4<f32>";

export interface Binding {
  readonly buffer: string;
  readonly access: "read" | "read_write";
  readonly type: WordType;
}

export interface Dispatch {
  /** Readable name of the kernel, used as the pipeline's label. */
  readonly label: string;
  readonly code: string;
  readonly bindings: readonly Binding[];
  readonly grid: readonly [number, number, number];
  /** Words that it needs of memory that the program's dispatches share, by name. */
  readonly scratch?: Readonly<Record<string, number>>;
}

const GROUP = 256;
/** Lanes that add up the sums of all. */
const SHARES = 16;
const WIDEST = 65535;

export interface ShaderParts {
  readonly label: string;
  /** Variable name in the shader -> buffer, in binding order. A null buffer declares nothing. */
  readonly reads?: Record<string, string | null>;
  readonly writes?: Record<string, string>;
  /** Of variables that are not f32. */
  readonly types?: Readonly<Record<string, WordType>>;
  readonly declarations?: string;
  readonly body: string;
}

/** A buffer that is both read and written appears once, as written. */
function bindingsOf({ reads = {}, writes = {}, types = {} }: ShaderParts): { list: Binding[]; code: string } {
  const list: Binding[] = [];
  let code = "";
  const declare = (name: string, buffer: string, access: Binding["access"]) => {
    const type = types[name] ?? "f32";
    code += `@group(0) @binding(${list.length + 1}) var<storage, ${access}> ${name}: array<${type}>;\n`;
    list.push({ buffer, access, type });
  };
  for (const [name, buffer] of Object.entries(reads)) if (buffer !== null) declare(name, buffer, "read");
  for (const [name, buffer] of Object.entries(writes)) declare(name, buffer, "read_write");
  return { list, code };
}

/** A shader whose body runs as `main` with workgroup size `group`, on an explicit grid. */
export function shader(parts: ShaderParts, group: readonly [number, number], grid: readonly [number, number, number]): Dispatch {
  const { list, code } = bindingsOf(parts);
  return {
    label: parts.label,
    code: `@group(0) @binding(0) var<uniform> iteration: vec4<u32>;
${code}${parts.declarations ?? ""}
@compute @workgroup_size(${group[0]}, ${group[1]})
fn main(@builtin(global_invocation_id) gid: vec3<u32>, @builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) wg: vec3<u32>) {
  _ = iteration.x;
${parts.body}
}`,
    bindings: list,
    grid,
  };
}

/** A shader whose body runs once for each `i` in [0, count). */
export function elementwise(count: number, parts: ShaderParts): Dispatch {
  const groups = Math.ceil(count / GROUP);
  const x = Math.min(groups, WIDEST);
  const body = `  let i = gid.x + gid.y * ${x * GROUP}u;
  if (i >= ${count}u) { return; }
${parts.body}`;
  return shader({ ...parts, body }, [GROUP, 1], [x, Math.ceil(groups / x), 1]);
}

/**
 * A shader with one workgroup for each of `parts` fixed shares of `count` items: `body` handles item `i`
 * and adds to `sum`; the share's sum, times `factor`, goes to losses[at + part]. No atomics, one order; the
 * lanes' sums are added in two steps, since every barrier has its price.
 */
export function reduction(count: number, shares: number, at: number, factor: string, parts: ShaderParts): Dispatch {
  const body = `  let part = wg.x;
  let begin = (part * ${Math.floor(count / shares)}u) + min(part, ${count % shares}u);
  let end = begin + ${Math.floor(count / shares)}u + select(0u, 1u, part < ${count % shares}u);
  var sum = 0.0;
  for (var i = begin + lane; i < end; i += ${GROUP}u) {
${parts.body}
  }
  partial[lane] = sum;
  workgroupBarrier();
  if (lane < ${SHARES}u) {
    var share = 0.0;
    for (var j = 0u; j < ${GROUP / SHARES}u; j++) { share += partial[lane * ${GROUP / SHARES}u + j]; }
    shares[lane] = share;
  }
  workgroupBarrier();
  if (lane == 0u) {
    var total = 0.0;
    for (var j = 0u; j < ${SHARES}u; j++) { total += shares[j]; }
    losses[${at}u + part] = total * ${factor};
  }`;
  const declarations = `var<workgroup> partial: array<f32, ${GROUP}>;
var<workgroup> shares: array<f32, ${SHARES}>;
${parts.declarations ?? ""}`;
  return shader({ ...parts, declarations, body }, [GROUP, 1], [shares, 1, 1]);
}

/** A float literal that WGSL accepts; infinities become the largest finite number. */
export function literal(value: number): string {
  const finite = Math.max(-3.4e38, Math.min(3.4e38, value));
  const text = String(Math.fround(finite));
  return /[.e]/.test(text) ? `f32(${text})` : `${text}.0`;
}

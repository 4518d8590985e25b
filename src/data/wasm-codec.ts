/**
 * Opens a picture decoder that emscripten made: its WebAssembly comes as base64 from a generated module, is compiled
 * once, and what it prints is handed on instead of being shown.
 */

type Factory<C> = (options: {
  noInitialRun: boolean;
  locateFile(name: string): string;
  print(line: string): void;
  printErr(line: string): void;
  instantiateWasm(imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance) => void): object;
}) => Promise<C>;

const compiled = new Map<string, Promise<WebAssembly.Module>>();

/**
 * A new instance of a decoder.
 * @param factory what its JavaScript module exports
 * @param base64 its WebAssembly
 * @param print told each line that it prints
 */
export async function openCodec<C>(factory: unknown, base64: string, print: (line: string) => void): Promise<C> {
  const compiling = compiled.get(base64) ?? WebAssembly.compile(Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)));
  compiled.set(base64, compiling);
  const module = await compiling;
  return new Promise((resolve, reject) => {
    (factory as Factory<C>)({
      noInitialRun: true,
      locateFile: (name) => name,
      print,
      printErr: print,
      instantiateWasm(imports, done) {
        WebAssembly.instantiate(module, imports).then(done, reject);
        return {};
      },
    }).then(resolve, reject);
  });
}

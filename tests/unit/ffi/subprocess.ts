/**
 * Runs a program text in a fresh Deno process, where no library has been opened yet.
 *
 * @module
 */

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Address of a module of ffi/, for an import in {@linkcode runText}. */
export function ffiModule(name: string): string {
  return new URL(`../../../ffi/${name}`, import.meta.url).href;
}

/** Runs `text` with the given permission flags; `env` is added to this process's environment. */
export function runText(
  text: string,
  flags: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Outcome {
  const { code, stdout, stderr } = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--no-lock",
      ...flags,
      "data:application/typescript," + encodeURIComponent(text),
    ],
    env: { ...env, NO_COLOR: "1" },
    stdin: "null",
  }).outputSync();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/**
 * Which modules of the program name which others, as Deno itself resolves them.
 *
 * @module
 */
import { join } from "node:path/posix";
import { fileURLToPath } from "node:url";
import { readSources, ROOT } from "./findings.ts";

/** One mention of another module of the project. */
export interface Import {
  /** Path inside the project. */
  readonly target: string;
  /** `worker`: `new URL("./x.ts", import.meta.url)`, which is how threads are started. */
  readonly kind: "static" | "type" | "dynamic" | "worker";
}

/** A module and the modules of the project that it names. */
export interface Module {
  /** Path inside the project, `src/core/errors.ts`. */
  readonly path: string;
  readonly imports: readonly Import[];
}

/** What `deno info --json` says of a module, as far as it is needed. */
interface InfoModule {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly code?: { readonly specifier?: string };
    readonly type?: { readonly specifier?: string };
    readonly isDynamic?: boolean;
  }[];
}

const WORKER = /new URL\(\s*"(\.[^"]+\.ts)",\s*import\.meta\.url/g;

/** The modules below `directories`, by `deno info`. */
export async function moduleGraph(directories: readonly string[]): Promise<Module[]> {
  const files = readSources(directories, [".ts"]);
  const infos = await denoInfo(files.map(({ path }) => path));
  return files.map(({ path, text }) => ({
    path,
    imports: [
      ...(infos.get(path)?.dependencies ?? []).flatMap(({ code, type, isDynamic }): Import[] => {
        const target = projectPath((code ?? type)?.specifier);
        if (target === undefined) return [];
        return [{ target, kind: code === undefined ? "type" : isDynamic ? "dynamic" : "static" }];
      }),
      // The start of a worker is no import: Deno does not follow it.
      ...[...text.matchAll(WORKER)].map(([, specifier = ""]): Import => ({
        target: join(path, "..", specifier),
        kind: "worker",
      })),
    ],
  }));
}

/** `deno info` takes one module: this one imports all. */
async function denoInfo(paths: readonly string[]): Promise<Map<string, InfoModule>> {
  const imports = paths.map((path) => `import ${JSON.stringify(new URL(path, ROOT).href)};`);
  const root = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(root, imports.join("\n"));
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["info", "--json", "--config", fileURLToPath(new URL("deno.json", ROOT)), root],
    }).output();
    if (!success) throw new Error(`deno info failed: ${new TextDecoder().decode(stderr)}`);
    const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as { modules: InfoModule[] };
    return new Map(modules.map((one) => [projectPath(one.specifier) ?? one.specifier, one]));
  } finally {
    await Deno.remove(root);
  }
}

function projectPath(specifier: string | undefined): string | undefined {
  return specifier?.startsWith(ROOT.href) ? specifier.slice(ROOT.href.length) : undefined;
}

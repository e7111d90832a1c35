/**
 * Joins the files of a CommonJS package into one. A compiled program looks up each file of a package
 * by itself, at every start: the 181 of DuckDB's package take 30 ms.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { buildSync } from "esbuild";
import { check } from "../../tests/support/child_process.ts";

/** What Deno and compilers add to the names of a CommonJS module. */
const NOT_OF_THE_PACKAGE = ["default", "module.exports", "__esModule"];

const EXPORTS_LIMIT_MS = 60_000;

/**
 * Replaces all that lies beside the main file of the package `name` in `stage` by one file of that name,
 * which still asks for other packages.
 *
 * @throws {Error} if the package then lacks an export, or has another kind of value there
 */
export async function joinFiles(stage: string, name: string): Promise<void> {
  const directory = Deno.realPathSync(join(stage, "node_modules", name));
  const manifest = JSON.parse(Deno.readTextFileSync(join(directory, "package.json")));
  const main = join(directory, manifest.main);
  const exported = await exportsOf(stage, name);
  const { outputFiles: [joined] } = buildSync({
    // With its names written out, the result has them where Deno finds them without running it.
    stdin: {
      contents: `export { ${Object.keys(exported).join(", ")} } from "./${basename(main)}";`,
      resolveDir: dirname(main),
    },
    absWorkingDir: directory,
    bundle: true,
    format: "cjs",
    packages: "external",
    platform: "node",
    logLevel: "silent",
    write: false,
  });
  Deno.removeSync(dirname(main), { recursive: true });
  Deno.mkdirSync(dirname(main));
  Deno.writeFileSync(main, joined!.contents);

  const left = await exportsOf(stage, name);
  const lost = Object.keys(exported).filter((one) => left[one] !== exported[one]);
  if (lost.length > 0) {
    throw new Error(`Cannot join the files of "${name}": it no longer exports ${lost.join(", ")}`);
  }
}

/** What `import` finds in a package: the type of each value by its name. */
async function exportsOf(stage: string, name: string): Promise<Record<string, string>> {
  const script = `const all = Object.entries(await import(${JSON.stringify(name)}));
    console.log(JSON.stringify(all.map(([name, value]) => [name, typeof value])));`;
  const options = { cwd: stage, limitMs: EXPORTS_LIMIT_MS };
  const types: [string, string][] = JSON.parse(
    await check([Deno.execPath(), "eval", script], options),
  );
  return Object.fromEntries(types.filter(([one]) => !NOT_OF_THE_PACKAGE.includes(one)));
}

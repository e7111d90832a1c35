/**
 * What a check found, and how it ends.
 *
 * @module
 */

/** One breach of a rule. */
export interface Finding {
  /** Path inside the project. */
  readonly path: string;
  /** Counted from 1; undefined if it is about the file as a whole. */
  readonly line?: number | undefined;
  readonly text: string;
}

/** A file of the project. */
export interface SourceFile {
  /** Path inside the project, `src/core/errors.ts`. */
  readonly path: string;
  readonly text: string;
}

/** The project's root directory. */
export const ROOT = new URL("../../", import.meta.url);

/** All files below the given directories whose name ends in one of `endings`, sorted by path. */
export function readSources(
  directories: readonly string[],
  endings: readonly string[],
): SourceFile[] {
  const files: SourceFile[] = [];
  const visit = (directory: string) => {
    for (const entry of Deno.readDirSync(new URL(`${directory}/`, ROOT))) {
      const path = `${directory}/${entry.name}`;
      if (entry.isDirectory) visit(path);
      else if (endings.some((ending) => entry.name.endsWith(ending))) {
        files.push({ path, text: Deno.readTextFileSync(new URL(path, ROOT)) });
      }
    }
  };
  directories.forEach(visit);
  return files.sort((a, b) => a.path < b.path ? -1 : 1);
}

/** Prints the findings, one a line, and ends the process: with 1 if there are any. */
export function finish(name: string, fileCount: number, findings: readonly Finding[]): never {
  const lines = findings.map(({ path, line, text }) =>
    `${path}${line === undefined ? "" : `:${line}`}: ${text}\n`
  );
  const summary = findings.length === 0
    ? `${name}: ${fileCount} files, all good\n`
    : `${name}: ${findings.length} findings in ${fileCount} files\n`;
  Deno.stderr.writeSync(new TextEncoder().encode(lines.join("") + summary));
  Deno.exit(findings.length === 0 ? 0 : 1);
}

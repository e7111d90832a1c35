/**
 * Which modules a module names.
 *
 * @module
 */
import { join } from "node:path/posix";
import { matches, type Token } from "./tokens.ts";

/** One mention of another module. */
export interface Import {
  /** As written: `../core/errors.ts`, `node:path`. Empty if it is no literal. */
  readonly specifier: string;
  /** `worker`: `new URL("./x.ts", import.meta.url)`, which is how threads are started. */
  readonly kind: "static" | "type" | "dynamic" | "worker";
  readonly line: number;
}

/** Finds `import`, `export ... from`, `import()` and the module addresses given to workers. */
export function findImports(tokens: readonly Token[]): Import[] {
  const found: Import[] = [];
  tokens.forEach((token, index) => {
    if (token.kind !== "name" || matches(tokens, index - 1, ["."])) return;
    if (matches(tokens, index, ["import", "("])) {
      found.push({ specifier: literal(tokens[index + 2]), kind: "dynamic", line: token.line });
    } else if (matches(tokens, index, ["new", "URL", "("])) {
      const specifier = literal(tokens[index + 3]);
      if (matches(tokens, index + 4, [",", "import", ".", "meta"]) && specifier.endsWith(".ts")) {
        found.push({ specifier, kind: "worker", line: token.line });
      }
    } else if (token.text === "import" || token.text === "export") {
      const specifier = declaredModule(tokens, index);
      const kind = matches(tokens, index + 1, ["type"]) ? "type" : "static";
      if (specifier !== undefined) found.push({ specifier, kind, line: token.line });
    }
  });
  return found;
}

/** Path inside the project that `specifier`, written in `path`, leads to; undefined if outside. */
export function resolveImport(path: string, specifier: string): string | undefined {
  return specifier.startsWith(".") ? join(path, "..", specifier) : undefined;
}

/** The module of an import or export declaration; undefined if it names none. */
function declaredModule(tokens: readonly Token[], index: number): string | undefined {
  const first = tokens[index + 1];
  if (first?.kind === "string") return first.text;
  // "export {" and "export *" can have a "from"; "export const" and the like cannot.
  let position = index + 1;
  if (matches(tokens, position, ["type"])) position++;
  const isList = ["{", "*"].some((text) => matches(tokens, position, [text]));
  if (matches(tokens, index, ["export"]) && !isList) return undefined;
  for (; position < tokens.length; position++) {
    const token = tokens[position];
    if (token?.text === "from" && tokens[position + 1]?.kind === "string") {
      return tokens[position + 1]?.text;
    }
    const isPartOfList = token?.kind === "name" || /^[{},*]$/.test(token?.text ?? "");
    if (!isPartOfList) return undefined;
  }
  return undefined;
}

function literal(token: Token | undefined): string {
  return token?.kind === "string" ? token.text : "";
}

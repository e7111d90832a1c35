/**
 * The rules of this project for `deno lint`, which loads this module by its name in deno.json.
 *
 *  - message-style: errors that users read end without a period, have no contractions and put values in
 *    double quotes
 *  - native-behind-ffi: native memory is touched in ffi/ only
 *  - only-main-exits: one module ends the process
 *  - literal-import: `deno compile` and the lock file see what is imported
 *  - one-argument-parser: another parser of command lines would have to replace one file
 *
 * @module
 */

/** Selects the errors whose message or hint a user reads. */
const MESSAGE = "NewExpression" +
  "[callee.name=/^(InspectorError|RunError|UsageError|UnsupportedError|InvalidValue)$/]";

const MESSAGE_FAULTS: readonly (readonly [pattern: RegExp, fault: string])[] = [
  [/\b\w+n['’]t\b|\b(?:it|that|there|what)['’]s\b|\b\w+['’](?:ll|re|ve)\b/i, "a contraction"],
  [/(?:^|\s)'\$\{\}'/, "a value in single quotes"],
  [/\bplease\b/i, '"please"'],
  [/!$/, "an exclamation mark"],
];

const ARGUMENT_PARSER = "src/cli/argument_parser.ts";

const NATIVE = [
  "dlopen",
  "UnsafePointer",
  "UnsafePointerView",
  "UnsafeCallback",
  "UnsafeFnPointer",
];

const plugin: Deno.lint.Plugin = {
  name: "xdp-inspector",
  rules: {
    "message-style": {
      create: (context) =>
        ofProduct(context, () => {
          const check = (node: Deno.lint.Node, text: unknown) => {
            if (typeof text !== "string") return;
            for (const fault of messageFaults(text, isEndOfText(node))) {
              context.report({ node, message: `"${text}": a message with ${fault}` });
            }
          };
          return {
            [`${MESSAGE} Literal`]: (node: Deno.lint.Literal) => check(node, node.value),
            [`${MESSAGE} TemplateLiteral`]: (node: Deno.lint.TemplateLiteral) =>
              check(node, node.quasis.map(({ raw }) => raw).join("${}")),
          };
        }),
    },
    "native-behind-ffi": {
      create: (context) =>
        ofProduct(context, (path) => {
          if (path.startsWith("ffi/")) return {};
          const refuse = (node: Deno.lint.Node, owner: unknown, member: unknown) => {
            if (nameOf(owner) !== "Deno" || !NATIVE.includes(nameOf(member))) return;
            context.report({ node, message: `Deno.${nameOf(member)} outside ffi/` });
          };
          return {
            MemberExpression: (node) => refuse(node, node.object, node.property),
            TSQualifiedName: (node) => refuse(node, node.left, node.right),
          };
        }),
    },
    "only-main-exits": {
      create: (context) =>
        ofProduct(context, (path) => {
          if (path === "src/main.ts") return {};
          return {
            MemberExpression(node) {
              if (!["Deno", "process"].includes(nameOf(node.object))) return;
              if (nameOf(node.property) !== "exit") return;
              context.report({ node, message: "only src/main.ts may end the process" });
            },
          };
        }),
    },
    "literal-import": {
      create: (context) =>
        ofProduct(context, () => {
          const check = (node: Deno.lint.Node, source: unknown) => {
            const specifier = (source as { value?: unknown } | null)?.value;
            if (typeof specifier !== "string") {
              context.report({ node, message: "a dynamic import that is no literal" });
            } else if (/^(npm|jsr|https?):/.test(specifier)) {
              const message = `"${specifier}" belongs into the imports of deno.json`;
              context.report({ node, message });
            }
          };
          return {
            ImportExpression: (node) => check(node, node.source),
            ImportDeclaration: (node) => check(node, node.source),
            ExportAllDeclaration: (node) => check(node, node.source),
            ExportNamedDeclaration: (node) => node.source && check(node, node.source),
          };
        }),
    },
    "one-argument-parser": {
      create: (context) =>
        ofProduct(context, (path) => {
          if (path === ARGUMENT_PARSER) return {};
          return {
            ImportSpecifier(node) {
              if (nameOf(node.imported) !== "parseArgs") return;
              context.report({ node, message: `parseArgs outside ${ARGUMENT_PARSER}` });
            },
          };
        }),
    },
  },
};
export default plugin;

/** The visitor for a file of the program; none for tests and tools. */
function ofProduct(
  { filename }: Deno.lint.RuleContext,
  visitor: (path: string) => Deno.lint.LintVisitor,
): Deno.lint.LintVisitor {
  const path = /(?:^|\/)((?:src|ffi)\/.*)$/.exec(filename.replace(/^.*\/tests\/.*$/, ""))?.[1];
  return path === undefined ? {} : visitor(path);
}

function nameOf(node: unknown): string {
  const { type, name } = node as { type?: string; name?: string };
  return type === "Identifier" ? name ?? "" : "";
}

/** Whether nothing is added behind a text by "+". */
function isEndOfText(node: Deno.lint.Node): boolean {
  const { parent } = node as { parent?: Deno.lint.Node };
  if (parent?.type !== "BinaryExpression" || parent.operator !== "+") return true;
  return parent.left.range[0] !== node.range[0] && isEndOfText(parent);
}

/** @param text of a template with `${}` for what is put in */
function messageFaults(text: string, isEnd: boolean): string[] {
  const faults = MESSAGE_FAULTS.filter(([pattern]) => pattern.test(text)).map(([, fault]) => fault);
  if (isEnd && /[a-z}].*\.$/is.test(text)) faults.push("a final period");
  return faults;
}

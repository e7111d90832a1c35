import assert from "node:assert/strict";

/** Errors that a user reads; the base of them says that the user ended the program. */
const ERRORS = ["RunError", "UsageError", "UnsupportedError"];

/** Functions that put the system's reason into a message: `reportError()` has the next step then. */
const SYSTEM_REASONS = /\b(?:systemReason|reasonOf|reason)\b/;

const ROOT = new URL("../../../", import.meta.url);

/** Places that make an error without a next step. */
function withoutNextStep(path: string, text: string): string[] {
  const found: string[] = [];
  const report = (node: Deno.lint.Node) => {
    found.push(`${path}:${text.slice(0, node.range[0]).split("\n").length}`);
  };
  const plugin: Deno.lint.Plugin = {
    name: "next-step",
    rules: {
      "next-step": {
        create: () => ({
          NewExpression(node) {
            const name = node.callee.type === "Identifier" ? node.callee.name : "";
            const arguments_ = node.arguments;
            if (name === "InvalidValue" && arguments_.length < 2) report(node);
            if (!ERRORS.includes(name)) return;
            const options = arguments_[1];
            if (options === undefined) return report(node);
            // Made elsewhere.
            if (options.type !== "ObjectExpression") return;
            const hasHint = options.properties.some((property) => {
              return property.type === "SpreadElement" ||
                property.key.type === "Identifier" && property.key.name === "hint";
            });
            const [start, end] = arguments_[0]!.range;
            if (!hasHint && !SYSTEM_REASONS.test(text.slice(start, end))) report(node);
          },
        }),
      },
    },
  };
  Deno.lint.runPlugin(plugin, path, text);
  return found;
}

function* sources(directory: URL): Generator<URL> {
  for (const { name, isDirectory } of Deno.readDirSync(directory)) {
    if (isDirectory) yield* sources(new URL(`${name}/`, directory));
    else if (name.endsWith(".ts")) yield new URL(name, directory);
  }
}

Deno.test("every error that a user reads names a next step", () => {
  const found = [...sources(new URL("src/", ROOT))].flatMap((file) => {
    return withoutNextStep(file.href.slice(ROOT.href.length), Deno.readTextFileSync(file));
  });
  assert.deepEqual(found, []);
});

Deno.test("the check of next steps finds errors without one", () => {
  const find = (text: string) => withoutNextStep("a.ts", `\n${text}`);
  for (
    const text of [
      'new RunError("Cannot")',
      'new UsageError(`Cannot use "${text}"`, { cause })',
      'new InvalidValue("it is empty")',
    ]
  ) assert.deepEqual(find(text), ["a.ts:2"], text);
  for (
    const text of [
      'new RunError("Cannot", { hint: "Do" })',
      'new RunError("Cannot", options)',
      "new RunError(`Cannot: ${systemReason(cause)}`, { cause })",
      'new InvalidValue("it is empty", "Write one")',
      'new Error("Cannot")',
    ]
  ) assert.deepEqual(find(text), [], text);
});

import { deepEqual, equal, rejects } from "node:assert/strict";
import { dirname, join } from "node:path";
import { joinFiles } from "../../../.ci/build/joined_package.ts";
import { check } from "../../support/child_process.ts";
import { TempDirectory } from "../../support/temp_directory.ts";

/** A build directory with the packages `joined`, of these files, and `other`. */
function stageOf(files: Readonly<Record<string, string>>): TempDirectory {
  const stage = TempDirectory.create();
  const write = (path: string, text: string) => {
    Deno.mkdirSync(join(stage.path, dirname(path)), { recursive: true });
    Deno.writeTextFileSync(join(stage.path, path), text);
  };
  write("deno.json", JSON.stringify({ nodeModulesDir: "manual", lock: false }));
  write("package.json", JSON.stringify({ dependencies: { joined: "1.0.0", other: "1.0.0" } }));
  write("node_modules/other/package.json", '{ "name": "other", "version": "1.0.0" }');
  write("node_modules/other/index.js", 'exports.other = "before";');
  const manifest = { name: "joined", version: "1.0.0", main: "./lib/index.js" };
  write("node_modules/joined/package.json", JSON.stringify(manifest));
  write("node_modules/joined/LICENSE", "terms");
  for (const [name, text] of Object.entries(files)) write(`node_modules/joined/lib/${name}`, text);
  return stage;
}

Deno.test("joinFiles() leaves one file of a package, which exports and asks for the same", async () => {
  using stage = stageOf({
    "index.js": '"use strict"; Object.defineProperty(exports, "__esModule", { value: true });' +
      'exports.own = 1; exports.part = require("./parts/part.js").part;' +
      'exports.other = require("other").other;',
    "parts/part.js": "exports.part = () => 2;",
  });
  await joinFiles(stage.path, "joined");

  const directory = join(stage.path, "node_modules", "joined");
  const names = [...Deno.readDirSync(directory)].map(({ name }) => name).sort();
  deepEqual(names, ["LICENSE", "lib", "package.json"]);
  deepEqual([...Deno.readDirSync(join(directory, "lib"))].map(({ name }) => name), ["index.js"]);

  Deno.writeTextFileSync(
    join(stage.path, "node_modules", "other", "index.js"),
    'exports.other = "after";',
  );
  const script = 'import { other, own, part } from "joined"; console.log(own, part(), other);';
  equal(
    await check([Deno.execPath(), "eval", script], { cwd: stage.path, env: { NO_COLOR: "1" } }),
    "1 2 after\n",
  );
});

Deno.test("joinFiles() fails when an export loses its value", async () => {
  using stage = stageOf({
    "index.js": 'exports.own = 1; exports.text = require("fs").existsSync(__dirname + "/a.txt") ?' +
      '"found" : undefined;',
    "a.txt": "",
  });
  await rejects(joinFiles(stage.path, "joined"), {
    message: 'Cannot join the files of "joined": it no longer exports text',
  });
});

import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { createHash } from "node:crypto";
import { pathToFileURL } from "node:url";
import {
  copyToAnonymousFile,
  isMapped,
  type Original,
} from "../../../ffi/bundle/anonymous_file.ts";
import { RunError } from "../../../src/core/errors.ts";
import { openDescriptors } from "../../support/open_descriptors.ts";
import { TempDirectory } from "../../support/temp_directory.ts";

/** More than one block, and no multiple of it. */
const BYTES = crypto.getRandomValues(new Uint8Array(60_000));
const CONTENT = new Uint8Array(300_000).map((_, index) => BYTES[index % BYTES.length] ?? 0);

function original(directory: TempDirectory, content = CONTENT): Original {
  const path = directory.file("library.so");
  Deno.writeFileSync(path, content);
  const sha256 = createHash("sha256").update(content).digest("hex");
  const source = pathToFileURL(path);
  return { name: "library.so", source, offset: 0, bytes: content.length, sha256 };
}

Deno.test("copyToAnonymousFile() copies into memory that nothing can change", () => {
  using directory = TempDirectory.create();
  const path = copyToAnonymousFile(original(directory));
  deepEqual(Deno.readFileSync(path), CONTENT);
  match(Deno.readLinkSync(path), /^\/memfd:xdp-inspector:library\.so \(deleted\)$/);
  throws(() => Deno.writeFileSync(path, new Uint8Array(1)), /Operation not permitted/);
  // Nor in place, by whoever finds it in /proc: shorter, longer, or other bytes of the same length.
  using file = Deno.openSync(path, { read: true, write: true });
  for (const length of [0, CONTENT.length - 1, CONTENT.length + 1]) {
    throws(() => file.truncateSync(length), /Operation not permitted/);
  }
  throws(() => file.writeSync(new Uint8Array(1)), /Operation not permitted/);
  deepEqual(Deno.readFileSync(path), CONTENT);
});

Deno.test("copyToAnonymousFile() copies what lies between others", () => {
  using directory = TempDirectory.create();
  const inner = CONTENT.subarray(1000, 299_000);
  const sha256 = createHash("sha256").update(inner).digest("hex");
  const outer = original(directory);
  const path = copyToAnonymousFile({ ...outer, offset: 1000, bytes: inner.length, sha256 });
  deepEqual(Deno.readFileSync(path), inner);
});

Deno.test("copyToAnonymousFile() refuses a file that was cut short", () => {
  using directory = TempDirectory.create();
  const wanted = original(directory);
  Deno.truncateSync(directory.file("library.so"), CONTENT.length - 1);
  throws(() => copyToAnonymousFile(wanted), { name: "RunError", message: /its SHA-256 is/ });
});

Deno.test("copyToAnonymousFile() copies into a file without a name where a directory is given", () => {
  using source = TempDirectory.create();
  using directory = TempDirectory.create();
  const path = copyToAnonymousFile(original(source), directory.path);
  deepEqual(Deno.readFileSync(path), CONTENT);
  deepEqual(directory.list(), []);
  equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
});

Deno.test("copyToAnonymousFile() refuses other bytes than those of the build", () => {
  using directory = TempDirectory.create();
  const wanted = original(directory);
  Deno.writeFileSync(wanted.source, CONTENT.with(299_999, (CONTENT[299_999] ?? 0) ^ 1));
  const fds = openDescriptors(/^\/memfd:xdp-inspector:/);
  throws(() => copyToAnonymousFile(wanted), (error) => {
    ok(error instanceof RunError);
    match(error.message, /^Cannot load "library\.so": its SHA-256 is "\w{64}", not "\w{64}"$/);
    return true;
  });
  deepEqual(openDescriptors(/^\/memfd:xdp-inspector:/), fds);
});

Deno.test("copyToAnonymousFile() refuses a directory that is not private", () => {
  using source = TempDirectory.create();
  using directory = TempDirectory.create();
  const wanted = original(source);
  const refused = (path: string, reason: RegExp) =>
    throws(() => copyToAnonymousFile(wanted, path), { name: "RunError", message: reason });
  Deno.symlinkSync(directory.path, source.file("link"));
  refused(source.file("link"), /: it is a symbolic link$/);
  refused(source.file("none"), /: it cannot be looked at$/);
  refused(source.file("library.so"), /: it is not a directory$/);
  Deno.chmodSync(directory.path, 0o775);
  refused(directory.path, /: other users may write into it$/);
  // As /tmp is: others may add files, but not touch ours.
  Deno.chmodSync(directory.path, 0o1777);
  deepEqual(Deno.readFileSync(copyToAnonymousFile(wanted, directory.path)), CONTENT);
});

Deno.test("isMapped() knows no library that was not loaded", () => {
  equal(isMapped("libbpf.so.1"), false);
});

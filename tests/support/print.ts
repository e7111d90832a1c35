/**
 * Output of the scripts under tests/: one line at a time, unbuffered, so that the order between a
 * script and the children that share its terminal is the order of events.
 *
 * @module
 */

const encoder = new TextEncoder();

/** Writes `line` and a line feed to standard output. */
export function say(line: string): void {
  writeAll(Deno.stdout, `${line}\n`);
}

/** Writes `line` and a line feed to standard error. */
export function complain(line: string): void {
  writeAll(Deno.stderr, `${line}\n`);
}

function writeAll(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  let rest = encoder.encode(text);
  while (rest.length > 0) rest = rest.subarray(stream.writeSync(rest));
}

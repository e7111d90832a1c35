/**
 * A filter as the user wrote it, to what it means: out of a file, if it stands in one, and with names
 * of hosts looked up, if that was asked for.
 *
 * @module
 */
import { RunError, UsageError } from "../core/errors.ts";
import { systemReason } from "../core/system_reason.ts";
import { FilterError, HostNameError, ServiceNameError } from "./filter_error.ts";
import { parseFilter } from "./parser.ts";
import { knowsAllServices, loadAllServices } from "./services.ts";
import type { Condition } from "./tree.ts";

/** What was written. */
export interface WrittenFilter {
  /** The expression; null = it stands in `file`. */
  readonly text: string | null;
  /** Path of a file with the expression; null = there is none. */
  readonly file: string | null;
  /** Whether names of hosts are looked up. */
  readonly resolve: boolean;
}

/** What it means. */
export interface LoadedFilter {
  /** The expression, with addresses in the place of names. */
  readonly text: string;
  readonly condition: Condition;
}

/** Addresses of a host by its name. @throws {Error} If there are none. */
export type LookUp = (name: string) => Promise<readonly string[]>;

/** A file is no longer than that: 1 MiB, some 50,000 hosts. */
const MAX_FILE_BYTES = 2 ** 20;

/**
 * Makes sure that a filter can be understood, as far as that can be seen without reading a file or
 * looking up a name: of a host, or of a port that few people write.
 *
 * @throws {UsageError} If it cannot.
 */
export function checkFilter({ text, resolve }: WrittenFilter): void {
  if (text === null || resolve) return;
  try {
    parseFilter(text);
  } catch (error) {
    if (error instanceof ServiceNameError && !knowsAllServices()) return;
    throw explained(error, { text, file: null }, 0);
  }
}

/**
 * Reads, looks up and understands a filter.
 *
 * @throws {RunError} If the file cannot be read, or a name is not known.
 * @throws {UsageError} If the filter cannot be understood.
 */
export async function loadFilter(
  written: WrittenFilter,
  lookUp: LookUp = addressesOf,
): Promise<LoadedFilter> {
  const original = written.text ?? await textOf(written.file!);
  const place = { text: original, file: written.file };
  let text = original;
  // How much longer it has become: names are found from left to right, so that all are before.
  let grown = 0;
  for (;;) {
    try {
      return { text: text.replaceAll(/\s+/g, " ").trim(), condition: parseFilter(text) };
    } catch (error) {
      if (error instanceof ServiceNameError && !knowsAllServices()) {
        await loadAllServices();
        continue;
      }
      if (!written.resolve || !(error instanceof HostNameError)) {
        throw explained(error, place, grown);
      }
      const addresses = await lookUp(error.host);
      const list = addresses.length === 1 ? addresses[0]! : `(${addresses.join(" or ")})`;
      const end = error.position + error.host.length;
      text = text.slice(0, error.position) + list + text.slice(end);
      grown += list.length - error.host.length;
    }
  }
}

/** With blanks for comments, which go from "#" to the end of the line, as in tcpdump(8). */
async function textOf(path: string): Promise<string> {
  try {
    using file = await Deno.open(path);
    const bytes = new Uint8Array(MAX_FILE_BYTES + 1);
    let length = 0;
    for (let read: number | null; (read = await file.read(bytes.subarray(length))) !== null;) {
      length += read;
      if (length <= MAX_FILE_BYTES && read > 0) continue;
      throw new RunError(`Cannot read "${path}": a filter has at most 1 MiB`, {
        hint: 'Write nets in the place of hosts, as in "net 10.0.0.0/8"',
      });
    }
    const text = new TextDecoder().decode(bytes.subarray(0, length));
    return text.replaceAll(/#[^\n]*/g, (comment) => " ".repeat(comment.length));
  } catch (error) {
    if (error instanceof RunError) throw error;
    throw new RunError(`Cannot read "${path}": ${systemReason(error)}`, { cause: error });
  }
}

/** By getaddrinfo(3), which knows the names that other programs know. */
async function addressesOf(name: string): Promise<string[]> {
  const { lookup } = await import("node:dns/promises");
  try {
    const found = await lookup(name, { all: true });
    // Those of a zone are of no use: the zone is not in the packet.
    return [...new Set(found.map(({ address }) => address.replace(/%.*$/, "")))];
  } catch (cause) {
    throw new RunError(`Cannot look up "${name}": it has no address that is known`, {
      hint: "Write the address in its place",
      cause,
    });
  }
}

function explained(
  error: unknown,
  { text, file }: Pick<WrittenFilter, "file"> & { readonly text: string },
  grown: number,
): unknown {
  if (!(error instanceof FilterError)) return error;
  const reason = error.reasonIn(text, error.position - grown);
  const what = file !== null ? `the filter in "${file}"` : `the filter "${text}"`;
  return new UsageError(`Cannot use ${what}: ${reason}`, {
    cause: error,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  });
}

/**
 * The BPF object with a filter in it.
 *
 * @module
 */
import { BpfObject, type LoadOptions, VerifierError } from "../../ffi/mod.ts";
import { RunError, UsageError } from "../core/errors.ts";
import { formatCount } from "../core/quantity.ts";
import { filterCode } from "../filter/ebpf/generate.ts";
import { INSTRUCTION_BYTES } from "../filter/ebpf/instructions.ts";
import { filterRoom, withFilter } from "../filter/ebpf/patch_object.ts";
import type { Place } from "../filter/ebpf/place.ts";
import type { LoadedFilter } from "../filter/written_filter.ts";

/** What to do instead of a filter that the kernel cannot have. */
const WITHOUT = 'Record without it, and use it with "stats --filter"';

/**
 * A copy of the object that records what the filter selects at `place`.
 *
 * @throws {UsageError} if there is no room for the filter
 */
export function filteredObject(
  elf: Uint8Array,
  { condition }: LoadedFilter,
  place: Place,
): Uint8Array<ArrayBuffer> {
  const code = filterCode(condition, place);
  const length = code.length / INSTRUCTION_BYTES;
  const room = filterRoom(elf);
  if (length <= room) return withFilter(elf, code);
  throw new UsageError(
    `Cannot use the filter: it takes ${
      formatCount(length)
    } instructions in the kernel, which has ` +
      `room for ${formatCount(room)}`,
    { hint: WITHOUT },
  );
}

/**
 * Loads the object. What the kernel says of a program with a filter is about the filter.
 *
 * @throws {UnsupportedError} if privilege, kernel or libbpf do not allow it
 * @throws {RunError} if the kernel refuses it
 */
export function loadObject(
  elf: Uint8Array,
  filter: LoadedFilter | null,
  options: LoadOptions,
): BpfObject {
  try {
    return BpfObject.load(elf, options);
  } catch (error) {
    const isFilter = filter !== null && error instanceof RunError &&
      error.cause instanceof VerifierError;
    if (!isFilter) throw error;
    throw new RunError(`Cannot use the filter "${filter.text}": ${error.message}`, {
      hint: WITHOUT,
      cause: error,
    });
  }
}

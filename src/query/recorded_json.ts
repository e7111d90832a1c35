/**
 * The JSON in the metadata of recordings, by somebody who passes it on. It may come from anywhere: what
 * is not as it should be counts as not there.
 *
 * @module
 */
import { FILE_METADATA_KEY } from "../contract/file_metadata.ts";

/**
 * What the recorder writes stays far below: causes of loss are a dozen, attachments two for each
 * interface. Longer text is not from it, and not worth the time.
 */
const MAX_TEXT_LENGTH = 4 * 2 ** 20;

/** What the JSON text of a list has; null if it is missing, too long or none. */
export function listOf(text: string | undefined): unknown[] | null {
  const parsed = parse(text);
  return Array.isArray(parsed) ? parsed : null;
}

/** The elements of the list of attachments, as the file has them. */
export function recordedEntries(metadata: ReadonlyMap<string, string>): Record<string, unknown>[] {
  return (listOf(metadata.get(FILE_METADATA_KEY.attachments)) ?? []).filter(isObject);
}

/** What JSON text, or a value out of it, says; null if it is no object, or the text too long. */
export function objectOf(value: unknown): Record<string, unknown> | null {
  const parsed = typeof value === "string" ? parse(value) : value;
  return isObject(parsed) ? parsed : null;
}

/** A count of metadata; null for what is none. */
export function knownCount(value: unknown): bigint | null {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0
    ? BigInt(value)
    : null;
}

/** A count of metadata; 0 for what is none. */
export function countOf(value: unknown): bigint {
  return knownCount(value) ?? 0n;
}

/** Whether a value out of JSON has members with names. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parse(text = "null"): unknown {
  if (text.length > MAX_TEXT_LENGTH) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

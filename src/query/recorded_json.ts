/**
 * The JSON in the metadata of recordings, by somebody who passes it on. It may come from anywhere: what
 * is not as it should be counts as not there.
 *
 * @module
 */
import { FILE_METADATA_KEY } from "../contract/file_metadata.ts";
import type { FileMetadata } from "./recording_facts.ts";

/** What the recorder writes stays far below. */
const MAX_TEXT_LENGTH = 4 * 2 ** 20;

/** What the JSON text of a list has; null if it is missing, too long or none. */
export function listOf(text: string | undefined): unknown[] | null {
  if (text === undefined || text.length > MAX_TEXT_LENGTH) return null;
  const parsed = parse(text);
  return Array.isArray(parsed) ? parsed : null;
}

/** The elements of the list of attachments, as the file has them. */
export function recordedEntries(metadata: FileMetadata): Record<string, unknown>[] {
  const parsed = parse(metadata.get(FILE_METADATA_KEY.attachments));
  return Array.isArray(parsed) ? parsed.filter(isObject) : [];
}

/** What JSON text, or a value out of it, says; null if it is no object. */
export function objectOf(value: unknown): Record<string, unknown> | null {
  const parsed = typeof value === "string" ? parse(value) : value;
  return isObject(parsed) ? parsed : null;
}

/** A count of metadata; 0 for what is none. */
export function countOf(value: unknown): bigint {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0
    ? BigInt(value)
    : 0n;
}

function parse(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

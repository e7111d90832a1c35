/**
 * What the dynamic loader says when it opens no library.
 *
 * @module
 */

import { InspectorError } from "../../src/core/errors.ts";

/** Whether `error` is the dynamic loader's refusal, and not a permission that Deno was not given. */
export function isRefusal(error: unknown): boolean {
  return error instanceof Error && !(error instanceof Deno.errors.NotCapable) &&
    !(error instanceof InspectorError);
}

/** The loader's own words, without what Deno puts before them. */
export function reason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(
    /^(Could not open library: |Failed to register symbol \w+: |Could not obtain symbol from the library: )+/,
    "",
  );
}

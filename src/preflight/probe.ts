/**
 * Running one probe.
 *
 * @module
 */
import { SystemError } from "../../ffi/mod.ts";
import { InspectorError } from "../core/errors.ts";
import type { Probe } from "./facts.ts";

/**
 * What `action` gives, or why it failed. Defects of this program are thrown on.
 */
export function attempt<T>(action: () => T): Probe<T> {
  try {
    return { result: "done", value: action() };
  } catch (error) {
    return failureOf(error);
  }
}

/** The failed probe that an error stands for. Anything unexpected is thrown on. */
export function failureOf(error: unknown): Probe<never> {
  if (error instanceof InspectorError) {
    return { result: "failed", reason: error.message, hint: error.hint };
  }
  if (error instanceof SystemError) {
    return { result: "failed", reason: error.message, hint: undefined };
  }
  throw error;
}

/** A probe that makes no sense to try. */
export function skipped(reason: string): Probe<never> {
  return { result: "skipped", reason };
}

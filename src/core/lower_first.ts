/**
 * Joining sentences.
 *
 * @module
 */

/**
 * A sentence as the second part of another. Only a capital before a small letter begins a sentence:
 * `TCX is missing` and `I/O error` stay.
 */
export function lowerFirst(text: string): string {
  return text.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
}

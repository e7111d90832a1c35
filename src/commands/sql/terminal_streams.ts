/**
 * The terminal, as node:readline needs it.
 *
 * @module
 */
import process from "node:process";
import { History } from "./history.ts";

export interface TerminalStreams extends Disposable {
  readonly input: typeof process.stdin;
  readonly output: typeof process.stdout;
  readonly history: History;
}

/**
 * Opens the terminal. To be called before this process becomes another user: that opens the terminal by its
 * name once more, which only its owner may, and without that each read holds up the whole process.
 */
export function openTerminal(): TerminalStreams {
  const history = new History();
  const [input, output] = [process.stdin, process.stdout];
  return { input, output, history, [Symbol.dispose]: () => history[Symbol.dispose]() };
}

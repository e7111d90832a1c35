/**
 * What the process knows about the terminal it writes to.
 *
 * @module
 */

/** How text may look where it goes. */
export interface TerminalLook {
  /** Columns of a line; null = no terminal, or one that does not tell: nothing is shortened. */
  readonly width: number | null;
  readonly colour: boolean;
  /** Whether more than ASCII can be shown. */
  readonly unicode: boolean;
}

/** The look of standard output. */
export function stdoutLook(): TerminalLook {
  const isTerminal = Deno.stdout.isTerminal();
  return {
    width: isTerminal ? terminalWidth() : null,
    colour: usesColour(isTerminal, (name) => Deno.env.get(name)),
    unicode: usesUnicode((name) => Deno.env.get(name)),
  };
}

/** Columns of the terminal of this process; null without one, or if it does not tell. */
export function terminalWidth(): number | null {
  try {
    // A terminal that does not know its size says 0.
    return Deno.consoleSize().columns || null;
  } catch {
    return null;
  }
}

/**
 * Whether to write colours: to a terminal that can show them, unless the user does not want any.
 * no-color.org: NO_COLOR counts if it is set and not empty. TERM=dumb: term(7).
 */
export function usesColour(
  isTerminal: boolean,
  environment: (name: string) => string | undefined,
): boolean {
  return isTerminal && !environment("NO_COLOR") && environment("TERM") !== "dumb";
}

/**
 * Whether the terminal shows more than ASCII: the locale says so. locale(7): LC_ALL counts before
 * LC_CTYPE, and that before LANG; an empty one is none.
 */
export function usesUnicode(environment: (name: string) => string | undefined): boolean {
  const locale = environment("LC_ALL") || environment("LC_CTYPE") || environment("LANG") || "";
  return /\.utf-?8(?:@|$)/i.test(locale);
}

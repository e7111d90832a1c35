/**
 * How far something is that takes a while.
 *
 * @module
 */

/** One look at it. */
export interface Progress {
  /** What goes on: `querying`. */
  readonly what: string;
  /** 0 to 1; null = nobody knows. */
  readonly share: number | null;
  /** What is done so far; null = nobody counts. */
  readonly done: { readonly amount: number; readonly unit: "packets" | "bytes" } | null;
}

/** What can be looked at. */
export interface ProgressSource {
  /** Null = there is nothing to tell. */
  readonly progress: Progress | null;
  /** Called once by whoever is going to look, where looking takes preparation. */
  watch?(): void;
}

/** Whoever shows how far something is. */
export interface ProgressWatcher {
  /** Looks at something else from now on. */
  follow(source: ProgressSource): void;
  /** Takes what is shown away, so that something else can be said. */
  clear(): Promise<void>;
}

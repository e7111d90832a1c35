/**
 * The notes of a release: its section of the changelog. Fails when the tag is not the version in
 * deno.json, or the changelog has no section for it.
 *
 *     deno run --allow-read .ci/build/release_notes.ts v1.2.3
 *
 * @module
 */
import config from "../../deno.json" with { type: "json" };
import { complain, say } from "../../tests/support/print.ts";

const CHANGELOG = new URL("../../.github/CHANGELOG.md", import.meta.url);

/**
 * The text below the heading of the version that `tag` stands for.
 *
 * @throws {Error} if `tag` is not `v` and `version`, or that version is missing or not dated
 */
export function releaseNotes(tag: string, version: string, changelog: string): string {
  if (tag !== `v${version}`) {
    throw new Error(`Cannot release "${tag}": the version in deno.json is "${version}"`);
  }
  const sections = changelog.split(/^## /m).slice(1);
  const section = sections.find((one) => one.split(/\s/, 1)[0] === version);
  if (section === undefined) {
    throw new Error(`Cannot release "${tag}": no section "${version}" in the changelog`);
  }
  const end = section.indexOf("\n");
  const heading = section.slice(0, end);
  if (!/^\S+ \(\d{4}-\d{2}-\d{2}\)$/.test(heading)) {
    throw new Error(`Cannot release "${tag}": its heading "${heading}" has no date`);
  }
  return section.slice(end).trim();
}

if (import.meta.main) {
  try {
    say(releaseNotes(Deno.args[0] ?? "", config.version, Deno.readTextFileSync(CHANGELOG)));
  } catch (error) {
    complain((error as Error).message);
    Deno.exit(1);
  }
}

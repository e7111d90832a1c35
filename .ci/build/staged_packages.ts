/**
 * The npm packages that a build installed.
 *
 * @module
 */
import { join } from "node:path";

/** An npm package as it lies in the build directory. */
export interface StagedPackage {
  readonly name: string;
  readonly version: string;
  /** SPDX expression, or whatever its package.json says; empty if it says nothing. */
  readonly license: string;
  /** Subresource integrity of its archive: `sha512-` and base64. */
  readonly integrity: string;
  readonly directory: string;
}

interface LockFile {
  npm: Record<string, { integrity: string }>;
}

/** All packages below `node_modules` of `stage`, sorted by name. */
export function stagedPackages(stage: string): StagedPackage[] {
  const lock = JSON.parse(Deno.readTextFileSync(join(stage, "deno.lock"))) as LockFile;
  const integrity = new Map(
    Object.entries(lock.npm).map(([key, entry]) => [withoutPeers(key), entry.integrity]),
  );
  const root = join(stage, "node_modules", ".deno");
  const packages = [...Deno.readDirSync(root)].flatMap(({ name: directory }): StagedPackage[] => {
    // "@scope+name@1.2.3_peer@4.5.6"
    const key = withoutPeers(directory.replace("+", "/"));
    const at = key.lastIndexOf("@");
    if (at <= 0) return [];
    const name = key.slice(0, at);
    const path = join(root, directory, "node_modules", name);
    const manifest = JSON.parse(Deno.readTextFileSync(join(path, "package.json")));
    return [{
      name,
      version: key.slice(at + 1),
      license: typeof manifest.license === "string" ? manifest.license : "",
      integrity: integrity.get(key) ?? "",
      directory: path,
    }];
  });
  return packages.sort((a, b) => a.name < b.name ? -1 : 1);
}

function withoutPeers(key: string): string {
  const peers = key.indexOf("_", key.indexOf("@", 1));
  return peers < 0 ? key : key.slice(0, peers);
}

/**
 * System commands that the demo, the tests and the build need, and the Debian packages they are in.
 * As root on a system with apt-get the missing ones are installed; elsewhere they are named.
 *
 *     deno run -A tests/support/system_packages.ts [need ...]
 *
 * @module
 */
import { complain, say } from "./print.ts";

/** How long another program may hold the lock of apt or dpkg, and the pause between two tries. */
const LOCK_LIMIT_MS = 120_000;
const LOCK_PAUSE_MS = 1_000;

interface Need {
  /** Command whose presence shows that the package is there. */
  readonly command: string;
  /** Debian package (names of Debian 12). */
  readonly package: string;
  /** File that must be there too, where the command alone does not show it. */
  readonly file?: string;
}

/** Everything that can be asked for. */
export const NEEDS = {
  ip: { command: "ip", package: "iproute2" },
  ping: { command: "ping", package: "iputils-ping" },
  ethtool: { command: "ethtool", package: "ethtool" },
  tcpdump: { command: "tcpdump", package: "tcpdump" },
  tshark: { command: "tshark", package: "tshark" },
  tcpreplay: { command: "tcpreplay", package: "tcpreplay" },
  iperf3: { command: "iperf3", package: "iperf3" },
  taskset: { command: "taskset", package: "util-linux" },
  setpriv: { command: "setpriv", package: "util-linux" },
  setcap: { command: "setcap", package: "libcap2-bin" },
  curl: { command: "curl", package: "curl" },
  bpftool: { command: "bpftool", package: "bpftool" },
  btrfs: { command: "mkfs.btrfs", package: "btrfs-progs" },
  mkfs: { command: "mkfs.ext4", package: "e2fsprogs" },
  perl: { command: "perl", package: "perl-base" },
  tmux: { command: "tmux", package: "tmux" },
  strace: { command: "strace", package: "strace" },
  groff: { command: "groff", package: "groff-base" },
  lz4: { command: "lz4", package: "lz4" },
  nft: { command: "nft", package: "nftables" },
  nmap: { command: "nmap", package: "nmap" },
  chromium: { command: "chromium", package: "chromium" },
  clang: { command: "clang-14", package: "clang-14" },
  llvmStrip: { command: "llvm-strip-14", package: "llvm-14" },
  lld: { command: "wasm-ld-14", package: "lld-14" },
  libbpfHeaders: {
    command: "clang-14",
    package: "libbpf-dev",
    file: "/usr/include/bpf/bpf_helpers.h",
  },
} as const satisfies Record<string, Need>;

export type NeedName = keyof typeof NEEDS;

/** What the demo calls. */
export const DEMO_NEEDS: readonly NeedName[] = ["ip", "ping"];

/** What the tests of all rings call. */
export const TEST_NEEDS: readonly NeedName[] = [
  "ip",
  "ping",
  "ethtool",
  "tcpdump",
  "tshark",
  "tcpreplay",
  "iperf3",
  "taskset",
  "setpriv",
  "setcap",
  "curl",
  "bpftool",
  "btrfs",
  "mkfs",
  "perl",
  "strace",
  "tmux",
  "groff",
  "lz4",
  "nft",
  "nmap",
  "chromium",
  "clang",
  "llvmStrip",
  "lld",
  "libbpfHeaders",
];

/** Packages are missing and this process cannot install them; the message says who can, and how. */
export class MissingPackagesError extends Error {
  override readonly name = "MissingPackagesError";
  readonly packages: readonly string[];

  constructor(packages: readonly string[], reason: string) {
    super(
      `Missing system packages: ${packages.join(" ")} (${reason}): ` +
        `run "apt-get install ${packages.join(" ")}" as root`,
    );
    this.packages = packages;
  }
}

/** Debian packages of `needs` that are not there, each once. */
export function missingPackages(needs: readonly NeedName[]): string[] {
  const missing = needs.map((name): Need => NEEDS[name]).filter((need) => !isPresent(need));
  return [...new Set(missing.map((need) => need.package))];
}

/**
 * Makes sure that all of `needs` are there, installing what is missing if this process may.
 *
 * @throws {MissingPackagesError} without root, without apt-get, or when the installation fails
 */
export function ensurePackages(needs: readonly NeedName[]): void {
  const packages = missingPackages(needs);
  if (packages.length === 0) return;
  if (Deno.uid() !== 0) throw new MissingPackagesError(packages, "not root");
  if (findCommand("apt-get") === null) throw new MissingPackagesError(packages, "no apt-get here");
  say(`installing system packages: ${packages.join(" ")}`);
  aptGet(["update"], packages);
  aptGet(["install", "-y", "--no-install-recommends", ...packages], packages);
  const still = missingPackages(needs);
  if (still.length > 0) throw new MissingPackagesError(still, "not there after installing");
}

/** Full path of `command`, or null. Looks into the sbin directories even if PATH does not. */
export function findCommand(command: string): string | null {
  const path = `${Deno.env.get("PATH") ?? ""}:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin`;
  for (const directory of path.split(":")) {
    if (directory === "") continue;
    const file = `${directory}/${command}`;
    if (isFile(file)) return file;
  }
  return null;
}

function isPresent(need: Need): boolean {
  return findCommand(need.command) !== null && (need.file === undefined || isFile(need.file));
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** Runs apt-get quietly; its output is shown when it fails. */
function aptGet(args: readonly string[], packages: readonly string[]): void {
  const end = performance.now() + LOCK_LIMIT_MS;
  while (true) {
    const { success, code, text } = aptGetOnce(args);
    if (success) return;
    // apt-get's own option for waiting is not about the lock of the package lists.
    if (!text.includes("Could not get lock") || performance.now() > end) {
      complain(text);
      throw new MissingPackagesError(packages, `apt-get ${args[0]} failed with ${code}`);
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOCK_PAUSE_MS);
  }
}

function aptGetOnce(args: readonly string[]): { success: boolean; code: number; text: string } {
  const { success, code, stdout, stderr } = new Deno.Command("apt-get", {
    args: ["-q", "-o", `DPkg::Lock::Timeout=${LOCK_LIMIT_MS / 1000}`, ...args],
    env: { DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).outputSync();
  const decoder = new TextDecoder();
  return { success, code, text: decoder.decode(stdout) + decoder.decode(stderr) };
}

if (import.meta.main) {
  const names = Deno.args.length > 0 ? Deno.args : TEST_NEEDS;
  try {
    for (const name of names) {
      if (!(name in NEEDS)) throw new TypeError(`Unknown need "${name}"`);
    }
    ensurePackages(names as NeedName[]);
  } catch (error) {
    complain((error as Error).message);
    Deno.exit(1);
  }
}

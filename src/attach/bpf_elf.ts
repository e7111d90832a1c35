/**
 * The compiled BPF object, which `deno compile` embeds in the binary.
 *
 * @module
 */

/** Reads `bpf/inspector.bpf.o`. */
export function readBpfElf(): Uint8Array<ArrayBuffer> {
  return Deno.readFileSync(new URL("../../bpf/inspector.bpf.o", import.meta.url));
}

/**
 * The rights of commands that read files, which others may have made, and can write one themselves.
 *
 * @module
 */
import type { OutputFile } from "../../sinks/output/output_file.ts";
import type { OutputOptions } from "../../sinks/output/output_target.ts";

const ROOT = { user: 0, group: 0 } as const;

/** One that takes the owner's own rights would lock the hidden directory, in which the file is made. */
const PRIVATE_UMASK = 0o077;

/** A file to write, as the user named it. */
export interface OutputRequest extends OutputOptions {
  readonly path: string;
}

/**
 * Takes hold of the place of the output, if there is one, and gives up what reading does not take. To be
 * called before any input is opened. The file is written as `temporaryPath` of what is returned, in
 * whatever thread, and gets its name by `publish`.
 *
 * Root becomes the caller of sudo, who gets the file, else nobody, whose file is root's.
 *
 * @returns null without a request; else to be disposed
 * @throws {RunError} naming what stands in the way of the output
 */
export async function becomeReader(request: OutputRequest | null): Promise<OutputFile | null> {
  const { keepOnlyReading } = await import("../../../ffi/linux/give_up.ts");
  if (request === null) {
    keepOnlyReading();
    return null;
  }
  const { FILE_CAPABILITIES } = await import("../../sinks/output/file_rights.ts");
  const { callerOfSudo } = await import("../../core/lesser_user.ts");
  const output = await prepareOutput(request);
  try {
    keepOnlyReading(
      FILE_CAPABILITIES,
      (user) => output.handOver(user, callerOfSudo() ?? ROOT),
    );
    return output;
  } catch (error) {
    output.discard();
    throw error;
  }
}

/**
 * Takes hold of the place of an output, whatever the umask.
 *
 * @throws {RunError} naming what stands in the way of it
 */
export async function prepareOutput({ path, ...options }: OutputRequest): Promise<OutputFile> {
  const { OutputFile } = await import("../../sinks/output/output_file.ts");
  const umask = Deno.umask(PRIVATE_UMASK);
  try {
    return OutputFile.prepare(path, options);
  } finally {
    Deno.umask(umask);
  }
}

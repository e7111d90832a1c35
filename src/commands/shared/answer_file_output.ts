/**
 * The rights of commands that read files, which others may have made, and print an answer or write it into
 * a file.
 *
 * @module
 */
import type { AnswerFile } from "../../sinks/output/answer_file.ts";

/** A file to write, as the user named it. */
export interface AnswerRequest {
  readonly path: string;
  /** Whether it may replace a file. */
  readonly force: boolean;
}

/**
 * Makes the file, if there is to be one, and gives up what reading does not take. To be called before any
 * input is opened.
 *
 * @returns null without a request; else to be disposed
 * @throws {RunError} naming what stands in the way of the file
 */
export async function becomeAnswering(request: AnswerRequest | null): Promise<AnswerFile | null> {
  const { keepOnlyReading } = await import("../../../ffi/linux/give_up.ts");
  if (request === null) {
    keepOnlyReading();
    return null;
  }
  const { FILE_CAPABILITIES } = await import("../../sinks/output/file_rights.ts");
  const { AnswerFile } = await import("../../sinks/output/answer_file.ts");
  const { path, force } = request;
  const file = AnswerFile.create(path, { force });
  try {
    keepOnlyReading(FILE_CAPABILITIES);
    file.forgetNeedlessRights();
    return file;
  } catch (error) {
    file[Symbol.dispose]();
    throw error;
  }
}

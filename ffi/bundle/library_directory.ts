/**
 * Where the compiled program unpacks native code, if not into memory.
 *
 * @module
 */

/** Environment variable with the directory. */
export const LIBRARY_DIRECTORY_VARIABLE = "XDP_INSPECTOR_LIBRARY_DIR";

/**
 * Next steps for inputs that cannot be read.
 *
 * @module
 */

/** For what is no input at all. */
export const READABLE_HINT = "Name a recording (Parquet or Arrow) or a packet file " +
  "(pcap or pcapng, also compressed by gzip, zstd or LZ4)";

/** For what was a recording once. */
export const DAMAGED_HINT = "Copy or record it again, or leave it out";

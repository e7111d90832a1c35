/**
 * The bytes of one pcapng block, as far as they are looked at.
 *
 * @module
 */

/** Changes from block to block: no object is made for each. */
export interface PcapngBlock {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Byte order of the section. */
  isLittle: boolean;
  /** Where the block begins, and where its body ends, as far as it is there. */
  at: number;
  end: number;
}

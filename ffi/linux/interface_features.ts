/**
 * Which features of an interface are switched on, as `ethtool -k` lists them: ethtool(8). Needs no
 * privilege.
 *
 * @module
 */

import { textFromCString } from "./cstring.ts";
import { SystemError } from "./errno.ts";
import { askEthtool, fitsEthtool } from "./ethtool.ts";
import { allocate } from "./native_memory.ts";

/** Commands and the set of the features' names: `include/uapi/linux/ethtool.h`. */
const ETHTOOL_GSTRINGS = 0x1b;
const ETHTOOL_GSSET_INFO = 0x37;
const ETHTOOL_GFEATURES = 0x3a;
const ETH_SS_FEATURES = 4;
/** ETH_GSTRING_LEN. */
const NAME_BYTES = 32;

/** `struct ethtool_sset_info` for one set: the mask of sets, then the number of its strings. */
const SET_INFO = { BYTES: 20, cmd: 0, mask: 8, count: 16 } as const;
/** `struct ethtool_gstrings` before the strings. */
const STRINGS = { BYTES: 12, cmd: 0, set: 4, count: 8 } as const;
/** `struct ethtool_gfeatures` before the blocks, and one block, which is for 32 features. */
const FEATURES = { BYTES: 8, cmd: 0, blocks: 4 } as const;
const BLOCK = { BYTES: 16, active: 8 } as const;

/**
 * Every feature of the interface `name` and whether it is on, by the kernel's name for it, such as
 * `rx-gro` (net/ethtool/common.c, netdev_features_strings).
 *
 * @returns null if there is no such interface or the kernel does not tell
 */
export function interfaceFeatures(name: string): ReadonlyMap<string, boolean> | null {
  if (!fitsEthtool(name)) return null;
  try {
    const names = featureNames(name);
    const blocks = Math.ceil(names.length / 32);
    const data = allocate(FEATURES.BYTES + blocks * BLOCK.BYTES);
    const view = new DataView(data.buffer);
    view.setUint32(FEATURES.cmd, ETHTOOL_GFEATURES, true);
    view.setUint32(FEATURES.blocks, blocks, true);
    askEthtool(`ask for the features of "${name}"`, name, data);
    const isOn = (bit: number) => {
      const block = FEATURES.BYTES + Math.floor(bit / 32) * BLOCK.BYTES;
      return (view.getUint32(block + BLOCK.active, true) >>> (bit % 32) & 1) === 1;
    };
    // Some bits have no name.
    return new Map(
      names.map((feature, bit) => [feature, isOn(bit)] as const).filter(([feature]) =>
        feature !== ""
      ),
    );
  } catch (error) {
    if (error instanceof SystemError) return null;
    throw error;
  }
}

/** Names of the features in the order of their bits. */
function featureNames(name: string): string[] {
  const operation = `ask for the names of the features of "${name}"`;
  const info = allocate(SET_INFO.BYTES);
  const view = new DataView(info.buffer);
  view.setUint32(SET_INFO.cmd, ETHTOOL_GSSET_INFO, true);
  view.setBigUint64(SET_INFO.mask, 1n << BigInt(ETH_SS_FEATURES), true);
  askEthtool(operation, name, info);
  const count = view.getUint32(SET_INFO.count, true);

  const strings = allocate(STRINGS.BYTES + count * NAME_BYTES);
  const head = new DataView(strings.buffer);
  head.setUint32(STRINGS.cmd, ETHTOOL_GSTRINGS, true);
  head.setUint32(STRINGS.set, ETH_SS_FEATURES, true);
  head.setUint32(STRINGS.count, count, true);
  askEthtool(operation, name, strings);
  return Array.from({ length: count }, (_, index) => {
    const start = STRINGS.BYTES + index * NAME_BYTES;
    return textFromCString(strings.subarray(start, start + NAME_BYTES));
  });
}

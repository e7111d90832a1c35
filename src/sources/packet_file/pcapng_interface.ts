/**
 * Interfaces of a pcapng section: what their description says, and what was lost there.
 *
 * @module
 */
import { type Attachments, CapturePoint } from "./capture_point.ts";
import { linkOf } from "./link_types.ts";
import { TIME_FORM } from "./packet_parser.ts";
import type { PcapngBlock } from "./pcapng_block.ts";
import { Options } from "./pcapng_options.ts";

/** Options of an interface description: draft-ietf-opsawg-pcapng, 4.2. */
const IF_NAME = 2;
const IF_TSRESOL = 9;
const IF_FCSLEN = 13;
const IF_TSOFFSET = 14;
/** Options of interface statistics: 4.6. */
const ISB_IFDROP = 5;
const ISB_OSDROP = 7;

/** Microseconds, unless the description says otherwise. */
const USUAL_EXPONENT = 6;
const BINARY_BIT = 0x80;

/** More of a name is not looked at. */
const NAME_BYTES = 1024;

const FIXED_DESCRIPTION_BYTES = 16;
const FIXED_STATISTICS_BYTES = 20;

/** Packets that were lost at an interface. */
interface Losses {
  /** What the last statistics say, which are running totals; null without any. */
  counted: number | null;
  /** What packets say was lost before each. */
  summed: number;
}

/** One interface of a section. */
export class PcapngInterface {
  readonly linkType: number;
  /** null if packets of its link type are not read. */
  readonly point: CapturePoint | null;
  readonly snapLength: number;
  readonly fcsBytes: number;
  /** Seconds that are added to each time, in two words. */
  readonly offsetHigh: number;
  readonly offsetLow: number;
  readonly losses: Losses = { counted: null, summed: 0 };
  packets = 0;

  /** Reads the description in `block`. */
  constructor(block: PcapngBlock, attachments: Attachments) {
    const { view, isLittle, at } = block;
    this.linkType = view.getUint16(at + 8, isLittle);
    this.snapLength = view.getUint32(at + 12, isLittle);
    let name: string | null = null;
    let resolution = USUAL_EXPONENT;
    let fcsBytes = 0;
    let offset = 0n;
    const options = new Options(block);
    options.begin(at + FIXED_DESCRIPTION_BYTES, block.end);
    while (options.next()) {
      if (options.code === IF_NAME) name = options.text(NAME_BYTES);
      else if (options.code === IF_TSRESOL && options.length === 1) {
        resolution = view.getUint8(options.at);
      } else if (options.code === IF_FCSLEN && options.length === 1) {
        fcsBytes = view.getUint8(options.at);
      } else if (options.code === IF_TSOFFSET && options.length === 8) {
        offset = view.getBigInt64(options.at, isLittle);
      }
    }
    this.fcsBytes = fcsBytes;
    this.offsetHigh = Number(offset >> 32n);
    this.offsetLow = Number(offset & 0xffff_ffffn);
    const link = linkOf(this.linkType);
    this.point = link === undefined ? null : new CapturePoint({
      name,
      link,
      timeForm: resolution & BINARY_BIT ? TIME_FORM.BINARY : TIME_FORM.DECIMAL,
      timeExponent: resolution & ~BINARY_BIT,
    }, attachments);
  }

  /** Reads the statistics in `block`, which stand in for earlier ones. */
  readStatistics(block: PcapngBlock): void {
    let counted: number | null = null;
    const options = new Options(block);
    options.begin(block.at + FIXED_STATISTICS_BYTES, block.end);
    while (options.next()) {
      if (options.code === ISB_IFDROP || options.code === ISB_OSDROP) {
        const count = options.uint64();
        // Below 2^53: a file that says more lies, and sums stay exact.
        if (count !== undefined && Number.isSafeInteger(count)) counted = (counted ?? 0) + count;
      }
    }
    if (counted !== null) this.losses.counted = counted;
  }

  /** Packets that were lost here; null if the file does not say. */
  get dropped(): number | null {
    const { counted, summed } = this.losses;
    if (counted === null) return summed > 0 ? summed : null;
    return Math.max(counted, summed);
  }
}

/**
 * Classic capture files: draft-ietf-opsawg-pcap, and the forms of it that libpcap reads (sf-pcap.c).
 *
 * @module
 */
import { RunError } from "../../core/errors.ts";
import { PCAP_MAGIC } from "../../contract/packet_magic.ts";
import type { ByteWindow } from "./byte_window.ts";
import { type Attachments, CapturePoint, WAY, wayOfType } from "./capture_point.ts";
import { checkCaptured, Damage } from "./damage.ts";
import { LINK, linkOf } from "./link_types.ts";
import { unsupportedLink } from "./packet_file_findings.ts";
import type { PacketOutput } from "./packet_output.ts";
import type { PacketFileEnd, PacketReader, PacketReaderParts } from "./packet_reader.ts";
import { TIME_FORM } from "./packet_parser.ts";

const HEADER_BYTES = 24;
const RECORD_BYTES = 16;
/** In the modified form: index of the interface, protocol, type of the packet, a byte of padding. */
const MODIFIED_RECORD_BYTES = 24;
const MODIFIED_TYPE = 22;

/** By the magic number, as the writer's byte order has it. */
const FORMS: Readonly<Record<number, { timeExponent: number; isModified: boolean }>> = {
  [PCAP_MAGIC.MICROSECONDS]: { timeExponent: 6, isModified: false },
  [PCAP_MAGIC.NANOSECONDS]: { timeExponent: 9, isModified: false },
  [PCAP_MAGIC.MODIFIED]: { timeExponent: 6, isModified: true },
};

/** The only version that was ever in use, and the minor one whose two lengths stand the other way round. */
const MAJOR = 2;
const SWAPPED_BEFORE_MINOR = 3;

/** Of the word that has the link type: its number, whether a length of the FCS is told, and that. */
const LINK_TYPE_MASK = 0x03ff_ffff;
const FCS_IS_TOLD = 0x0400_0000;
const FCS_SHIFT = 28;
/** It counts in these: LT_FCS_LENGTH of libpcap, pcap-common.h. */
const FCS_UNIT_BYTES = 2;

/** Reads a file from its beginning, of which at least the magic number is there. */
export class PcapReader implements PacketReader {
  readonly #window: ByteWindow;
  readonly #output: PacketOutput;
  readonly #attachments: Attachments;
  /** The file in messages. */
  readonly #label: string;
  #format: PcapFormat | null = null;

  constructor({ window, output, attachments, label }: PacketReaderParts) {
    this.#window = window;
    this.#output = output;
    this.#attachments = attachments;
    this.#label = label;
  }

  async fill(): Promise<boolean> {
    const window = this.#window;
    this.#format ??= await this.#readHeader();
    for (;;) {
      const missing = this.#take(this.#format);
      if (this.#output.hasPackets) return true;
      if (await window.fill(missing)) continue;
      if (window.length === 0) return false;
      throw new Damage(window.position, "the file ends within a packet");
    }
  }

  /** The format has no place for it. */
  finish(): PacketFileEnd {
    return { dropped: null, leftOut: new Map(), timeless: 0 };
  }

  async #readHeader(): Promise<PcapFormat> {
    const window = this.#window;
    if (!await window.fill(HEADER_BYTES)) throw new Damage(0, "the file ends within its header");
    const { view, start } = window;
    window.start += HEADER_BYTES;
    const isLittle = view.getUint32(start, true) in FORMS;
    const { timeExponent, isModified } = FORMS[view.getUint32(start, isLittle)]!;
    const major = view.getUint16(start + 4, isLittle);
    const minor = view.getUint16(start + 6, isLittle);
    if (major !== MAJOR) {
      throw new RunError(`Cannot read "${this.#label}": it is pcap of version ${major}.${minor}`, {
        hint: "Write it anew with a program of today, such as editcap",
      });
    }
    const network = view.getUint32(start + 20, isLittle);
    const link = linkOf(network & LINK_TYPE_MASK);
    if (link === undefined) throw unsupportedLink(this.#label, network & LINK_TYPE_MASK);
    const fcsBytes = network & FCS_IS_TOLD ? (network >>> FCS_SHIFT) * FCS_UNIT_BYTES : 0;
    return {
      isLittle,
      isModified,
      minor,
      recordBytes: isModified ? MODIFIED_RECORD_BYTES : RECORD_BYTES,
      fcsBytes,
      point: new CapturePoint(
        { name: null, link, timeForm: TIME_FORM.SECONDS, timeExponent },
        this.#attachments,
      ),
    };
  }

  /** Takes packets that are there as a whole; returns how many bytes the next one needs. */
  #take({ isLittle, isModified, minor, recordBytes, fcsBytes, point }: PcapFormat): number {
    const window = this.#window;
    const { view, bytes } = window;
    const output = this.#output;
    const hasWay = isModified || point.link === LINK.COOKED || point.link === LINK.COOKED2;
    const onlyOrigin = hasWay ? 0 : point.origin(WAY.UNKNOWN);
    for (let at = window.start;;) {
      if (output.isFull || window.end - at < recordBytes) return recordBytes;
      let captured = view.getUint32(at + 8, isLittle);
      let length = view.getUint32(at + 12, isLittle);
      if (minor < SWAPPED_BEFORE_MINOR || (minor === SWAPPED_BEFORE_MINOR && captured > length)) {
        [captured, length] = [length, captured];
      }
      if (captured > window.end - at - recordBytes) {
        checkCaptured(window.position, captured);
        return recordBytes + captured;
      }
      const data = at + recordBytes;
      let origin = onlyOrigin;
      if (hasWay) {
        origin = point.origin(
          isModified ? wayOfType(bytes[at + MODIFIED_TYPE]!) : point.wayOf(bytes, data, captured),
        );
      }
      output.add(
        view.getUint32(at, isLittle),
        view.getUint32(at + 4, isLittle),
        0,
        0,
        data,
        captured,
        length > fcsBytes ? length - fcsBytes : length,
        origin,
      );
      at = data + captured;
      window.start = at;
    }
  }
}

interface PcapFormat {
  readonly isLittle: boolean;
  readonly isModified: boolean;
  readonly minor: number;
  readonly recordBytes: number;
  readonly fcsBytes: number;
  readonly point: CapturePoint;
}

/**
 * Dictionary codes for the `protocol` column.
 *
 * @module
 */
import type { ColumnBatch } from "../../batch/column_batch.ts";
import { ethertypeName, LLC_NAME } from "../../contract/ethertypes.ts";
import { ipProtocolName } from "../../contract/ip_protocols.ts";
import { EVENT_FLAG, PRESENT } from "../../contract/record_layout.ts";
import type { TextDictionary } from "./address_dictionary.ts";

/** No code given yet. There are fewer names than this: 256 protocols, LLC, EtherTypes from 0x0600. */
const NONE = 0xffff;

/** Names of IP protocols, or of EtherTypes where there is no IP header. */
export class ProtocolDictionary implements TextDictionary {
  readonly #ipCodes = new Uint16Array(1 << 8).fill(NONE);
  readonly #ethertypeCodes = new Uint16Array(1 << 16).fill(NONE);
  /** An IP protocol and an EtherType can share a name (`NSH`), the values of a dictionary cannot. */
  readonly #codes = new Map<string, number>();
  #llcCode = NONE;

  get size(): number {
    return this.#codes.size;
  }

  clear(): void {
    this.#ipCodes.fill(NONE);
    this.#ethertypeCodes.fill(NONE);
    this.#codes.clear();
    this.#llcCode = NONE;
  }

  texts(): string[] {
    return [...this.#codes.keys()];
  }

  encode(batch: ColumnBatch, first: number, rows: number, codes: Uint16Array, offset: number) {
    const { present, flags, ipProtocol, ethertype } = batch;
    const ipCodes = this.#ipCodes;
    const ethertypeCodes = this.#ethertypeCodes;
    for (let index = 0; index < rows; index++) {
      const row = first + index;
      const bits = present[row]!;
      let code = 0;
      if (bits & PRESENT.PROTOCOL) {
        if (bits & PRESENT.IP) {
          code = ipCodes[ipProtocol[row]!]!;
          if (code === NONE) code = this.#addIpProtocol(ipProtocol[row]!);
        } else if (flags[row]! & EVENT_FLAG.LLC) {
          if (this.#llcCode === NONE) this.#llcCode = this.#codeOf(LLC_NAME);
          code = this.#llcCode;
        } else {
          code = ethertypeCodes[ethertype[row]!]!;
          if (code === NONE) code = this.#addEthertype(ethertype[row]!);
        }
      }
      codes[offset + index] = code;
    }
  }

  #addIpProtocol(protocol: number): number {
    return this.#ipCodes[protocol] = this.#codeOf(ipProtocolName(protocol));
  }

  #addEthertype(ethertype: number): number {
    return this.#ethertypeCodes[ethertype] = this.#codeOf(ethertypeName(ethertype));
  }

  #codeOf(name: string): number {
    let code = this.#codes.get(name);
    if (code === undefined) {
      code = this.#codes.size;
      this.#codes.set(name, code);
    }
    return code;
  }
}

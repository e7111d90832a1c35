import assert from "node:assert/strict";
import { isIPv4, isIPv6 } from "node:net";
import fc from "fast-check";
import { ipv4Text, ipv6Text, macText } from "../../../src/contract/address_text.ts";
import { ipv4Word, ipv6Words, macBytes } from "../../../src/contract/address_words.ts";

const word = fc.nat(0xffff_ffff);
/** Many zeros, so that there is something to shorten. */
const words = fc.array(fc.oneof(fc.constant(0), word, fc.constant(0xffff_0000)), {
  minLength: 4,
  maxLength: 4,
});

Deno.test("ipv4Word() and ipv6Words() give back what the text was made of", () => {
  fc.assert(fc.property(word, (one) => assert.equal(ipv4Word(ipv4Text(one)), one)));
  fc.assert(fc.property(words, (all) => {
    assert.deepEqual([...ipv6Words(ipv6Text(all)) ?? []], all, ipv6Text(all));
  }));
});

Deno.test("macBytes() gives back what the text was made of", () => {
  fc.assert(fc.property(word, fc.nat(0xffff), (head, tail) => {
    const view = new DataView(new ArrayBuffer(6));
    view.setUint32(0, head, true);
    view.setUint16(4, tail, true);
    assert.deepEqual(macBytes(macText(head, tail)), new Uint8Array(view.buffer));
  }));
});

Deno.test("ipv4Word() and ipv6Words() take no text that is no address", () => {
  const letters = fc.string({
    unit: fc.constantFrom("::", ":", ".", "0", "255", "256", "ffff", "1", "g", " "),
    maxLength: 12,
  });
  fc.assert(
    fc.property(letters, (text) => {
      if (!isIPv4(text)) assert.equal(ipv4Word(text), null, text);
      if (!isIPv6(text)) assert.equal(ipv6Words(text), null, text);
    }),
    { numRuns: 2000 },
  );
  for (const text of ["", "::1%eth0", "1.2.3", "1::2::3", "1:2:3:4:5:6:7:8:9", "1.2.3.4::"]) {
    assert.equal(ipv6Words(text), null, text);
  }
  for (
    const text of ["", "02:00:00:00:00", "02:00:00:00:00:0g", "02-00-00-00-00-01", "0a:0:0:0:0:1"]
  ) {
    assert.equal(macBytes(text), null, text);
  }
});

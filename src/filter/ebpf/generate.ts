/**
 * A filter as instructions of eBPF, over the record of a packet.
 *
 * Every condition is code that jumps to one of two labels. On its way the generator knows facts: what
 * must be true of a packet that comes there, so that nothing is asked twice.
 *
 * @module
 */
import { EVENT_FLAG, PRESENT, RECORD_OFFSET } from "../../contract/record_layout.ts";
import { factored } from "../factored.ts";
import type { Condition, Test, Value } from "../tree.ts";
import { testAddress } from "./address_code.ts";
import { Assembler, type Exits, type Label } from "./assembler.ts";
import { JUMP_ALWAYS, jumpIf, load, operate, RETURN } from "./instructions.ts";
import { searchList, wantedLists } from "./list_code.ts";
import { type Place, simplified } from "./place.ts";
import {
  addressOffset,
  type Facts,
  IS_IPV4,
  IS_IPV6,
  provesItself,
  valueFacts,
} from "./record_fields.ts";
import { testRelation } from "./value_code.ts";

const ALL_FACTS = IS_IPV4 | IS_IPV6 | 0xffff;

/** Holds `present` of the record all the time. */
const PRESENT_REGISTER = 2;

/**
 * The instructions of a filter. They take the address of a record, and return 1 for a packet that is
 * selected, else 0.
 *
 * @param place of the attachment, on which some tests depend
 */
export function filterCode(condition: Condition, place: Place): Uint8Array<ArrayBuffer> {
  return new Generator().generate(factored(simplified(condition, place)));
}

class Generator {
  readonly #code = new Assembler();

  generate(condition: Condition): Uint8Array<ArrayBuffer> {
    const [yes, no] = [this.#code.label(), this.#code.label()];
    if (condition.kind === "all" && condition.of.length === 0) {
      // The label of "yes" comes next.
    } else if (condition.kind === "any" && condition.of.length === 0) {
      return this.#constant(0);
    } else {
      this.#code.add(load(PRESENT_REGISTER, 1, RECORD_OFFSET.present, 2));
      this.#condition(condition, { yes, no, next: yes }, 0);
    }
    this.#code.place(yes);
    this.#code.add(operate("set", 0, 1));
    this.#code.add(RETURN);
    this.#code.place(no);
    this.#code.add(operate("set", 0, 0));
    this.#code.add(RETURN);
    return this.#code.bytes();
  }

  #constant(value: number): Uint8Array<ArrayBuffer> {
    const code = new Assembler();
    code.add(operate("set", 0, value));
    code.add(RETURN);
    return code.bytes();
  }

  /** @returns what is known of a packet that goes on at `yes` */
  #condition(condition: Condition, exits: Exits, known: Facts): Facts {
    switch (condition.kind) {
      case "not": {
        const { yes, no, next } = exits;
        this.#condition(condition.of, { yes: no, no: yes, next }, known);
        return known;
      }
      case "all":
        return this.#all(condition.of, exits, known);
      case "any":
        this.#any(condition.of, exits, known);
        return known | requiredFacts(condition);
      default:
        this.#test(condition, exits, known);
        return known | requiredFacts(condition);
    }
  }

  #all(conditions: readonly Condition[], { yes, no, next }: Exits, known: Facts): Facts {
    let facts = known;
    for (const [index, condition] of conditions.entries()) {
      if (index === conditions.length - 1) {
        return this.#condition(condition, { yes, no, next }, facts);
      }
      const following = this.#code.label();
      facts = this.#condition(condition, { yes: following, no, next: following }, facts);
      this.#code.place(following);
    }
    return facts;
  }

  #any(conditions: readonly Condition[], { yes, no, next }: Exits, known: Facts): void {
    const shared = requiredFacts({ kind: "any", of: conditions }, "asked");
    this.#demand(shared, known, no);
    const facts = known | shared;
    const { lists, others } = wantedLists(conditions);
    const steps = [
      ...lists.map((list) => (exits: Exits) =>
        searchList(this.#code, list, exits, () => this.#demand(list.facts, facts, exits.no))
      ),
      ...others.map((condition) => (exits: Exits) => {
        this.#condition(condition, exits, facts);
      }),
    ];
    for (const [index, step] of steps.entries()) {
      if (index === steps.length - 1) return step({ yes, no, next });
      const following = this.#code.label();
      step({ yes, no: following, next: following });
      this.#code.place(following);
    }
  }

  #test(test: Test, exits: Exits, known: Facts): void {
    const { yes, no, next } = exits;
    if (test.kind === "relation") {
      const version = askedVersion(test);
      if (version !== undefined) {
        this.#demand(version, known, no);
        return this.#code.goto(yes, next);
      }
      if (!isSelfEvident(test)) {
        this.#demand(valueFacts(test.left) | valueFacts(test.right), known, no);
      }
      return testRelation(this.#code, test, exits);
    }
    this.#demand(requiredFacts(test), known, no);
    switch (test.kind) {
      case "address":
        return testAddress(this.#code, addressOffset("ip", test.side), test, exits);
      case "mac":
        return testAddress(
          this.#code,
          addressOffset("mac", test.side),
          { bytes: test.bytes, bits: 48 },
          exits,
        );
      case "tagged":
        return this.#code.goto(yes, next);
      case "fragment":
        this.#code.add(load(0, 1, RECORD_OFFSET.flags, 1));
        this.#code.jump(jumpIf("has", 0, EVENT_FLAG.FRAGMENT), yes);
        return this.#code.goto(no, next);
      case "direction":
      case "interface":
        throw new RangeError(`Cannot test "${test.kind}" for each packet`);
    }
  }

  /** Goes on only with packets of which `wanted` is true. */
  #demand(wanted: Facts, known: Facts, no: Label): void {
    const missing = wanted & ~known;
    const bits = missing & 0xffff;
    if (bits !== 0 && (bits & (bits - 1)) === 0) {
      const following = this.#code.label();
      this.#code.jump(jumpIf("has", PRESENT_REGISTER, bits), following);
      this.#code.jump(JUMP_ALWAYS, no);
      this.#code.place(following);
    } else if (bits !== 0) {
      this.#code.add(operate("set", 0, { register: PRESENT_REGISTER }));
      this.#code.add(operate("&", 0, bits));
      this.#code.jump(jumpIf("!=", 0, bits), no);
    }
    if (missing >> 16 === 0) return;
    this.#code.add(load(0, 1, RECORD_OFFSET.flags, 1));
    this.#code.add(operate("&", 0, EVENT_FLAG.IPV6));
    if (missing >> 16 & IS_IPV4 >> 16) this.#code.jump(jumpIf("!=", 0, 0), no);
    if (missing >> 16 & IS_IPV6 >> 16) this.#code.jump(jumpIf("=", 0, 0), no);
  }
}

/**
 * What is true of every packet for which a condition is.
 *
 * @param which `asked`: only what its code has to ask for
 */
function requiredFacts(condition: Condition, which: "all" | "asked" = "all"): Facts {
  switch (condition.kind) {
    case "all":
      return condition.of.reduce((facts, one) => facts | requiredFacts(one, which), 0);
    case "any":
      return condition.of.reduce((facts, one) => facts & requiredFacts(one, which), ALL_FACTS);
    case "relation":
      if (which === "asked" && isSelfEvident(condition)) return 0;
      return askedVersion(condition) ?? valueFacts(condition.left) | valueFacts(condition.right);
    case "address":
      return condition.bytes.length === 4 ? IS_IPV4 : IS_IPV6;
    case "mac":
      return PRESENT.MAC;
    case "tagged":
      return PRESENT.VLAN;
    case "fragment":
      return PRESENT.IP;
    default:
      return 0;
  }
}

/** `ip_version = 4`, as a fact; undefined if the test is another one. */
function askedVersion({ operator, left, right }: Test & { kind: "relation" }): Facts | undefined {
  const isAsked = operator === "=" && isColumn(left, "ip_version") && right.kind === "constant";
  if (!isAsked) return undefined;
  return right.value === 4 ? IS_IPV4 : right.value === 6 ? IS_IPV6 : undefined;
}

function isColumn(value: Value, column: string): boolean {
  return value.kind === "column" && value.column === column;
}

/** Whether a packet without the column, whose record has a 0 there, cannot pass the test. */
function isSelfEvident({ operator, left, right }: Test & { kind: "relation" }): boolean {
  return operator === "=" && left.kind === "column" && provesItself(left.column) &&
    right.kind === "constant" && right.value !== 0;
}

/**
 * What is known of all packets of one attachment.
 *
 * @module
 */
import { type Condition, joined } from "../tree.ts";

/** Where packets are seen. */
export interface Place {
  readonly interface: string;
  readonly direction: "ingress" | "egress";
}

const ALWAYS: Condition = { kind: "all", of: [] };
const NEVER: Condition = { kind: "any", of: [] };

/** The condition without tests of the place: what is true or false there is taken out, or is all. */
export function simplified(condition: Condition, place: Place): Condition {
  switch (condition.kind) {
    case "direction":
      return condition.direction === place.direction ? ALWAYS : NEVER;
    case "interface":
      return condition.name === place.interface ? ALWAYS : NEVER;
    case "not": {
      const of = simplified(condition.of, place);
      if (isAlways(of)) return NEVER;
      return isNever(of) ? ALWAYS : { kind: "not", of };
    }
    case "all": {
      const parts = condition.of.map((one) => simplified(one, place));
      if (parts.some(isNever)) return NEVER;
      return joined("all", parts.filter((one) => !isAlways(one)));
    }
    case "any": {
      const parts = condition.of.map((one) => simplified(one, place));
      if (parts.some(isAlways)) return ALWAYS;
      return joined("any", parts.filter((one) => !isNever(one)));
    }
    default:
      return condition;
  }
}

function isAlways(condition: Condition): boolean {
  return condition.kind === "all" && condition.of.length === 0;
}

function isNever(condition: Condition): boolean {
  return condition.kind === "any" && condition.of.length === 0;
}

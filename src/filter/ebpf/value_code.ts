/**
 * Numbers out of a record, arithmetic with them, and comparisons.
 *
 * @module
 */
import { EVENT_FLAG, RECORD_OFFSET } from "../../contract/record_layout.ts";
import { RunError } from "../../core/errors.ts";
import type { Relation, Test, Value } from "../tree.ts";
import type { Assembler, Exits } from "./assembler.ts";
import { fromNetwork, jumpIf, load, type Operand, operate, type Register } from "./instructions.ts";
import { addressOffset, fieldPlace } from "./record_fields.ts";

/** Registers for values, each of which may wait while another one is computed. */
const REGISTERS: readonly Register[] = [0, 3, 4, 5, 6, 7, 8, 9];

const OPPOSITE: Readonly<Record<Relation, Relation>> = {
  "=": "!=",
  "!=": "=",
  "<": ">=",
  ">=": "<",
  ">": "<=",
  "<=": ">",
};

/** The same with its sides exchanged. */
const MIRRORED: Readonly<Record<Relation, Relation>> = {
  "=": "=",
  "!=": "!=",
  "<": ">",
  ">": "<",
  "<=": ">=",
  ">=": "<=",
};

/** Compares two numbers. Packets that come here have both. */
export function testRelation(
  code: Assembler,
  test: Test & { kind: "relation" },
  { yes, no, next }: Exits,
): void {
  const isTurned = test.left.kind === "constant";
  const operator = isTurned ? MIRRORED[test.operator] : test.operator;
  const [left, right] = isTurned ? [test.right, test.left] : [test.left, test.right];
  const register = value(code, left, REGISTERS);
  const operand = operandOf(code, right, REGISTERS.slice(1));
  if (next === yes) {
    code.jump(jumpIf(OPPOSITE[operator], register, operand), no);
  } else {
    code.jump(jumpIf(operator, register, operand), yes);
    code.goto(no, next);
  }
}

/** Computes a value in the first of `free`, with the help of the others. */
function value(code: Assembler, of: Value, free: readonly Register[]): Register {
  const [to] = free;
  if (to === undefined) {
    throw new RunError("Cannot use the filter: its arithmetic is nested too deeply", {
      hint: "Write it with fewer parentheses",
    });
  }
  switch (of.kind) {
    case "constant":
      code.add(operate("set", to, of.value));
      break;
    case "column":
      column(code, of, to);
      break;
    case "bytes": {
      const start = addressOffset(of.address === "mac" ? "mac" : "ip", of.side);
      code.add(load(to, 1, start + of.offset, of.size));
      if (of.size !== 1) code.add(fromNetwork(to, of.size));
      break;
    }
    case "computed": {
      value(code, of.left, free);
      const { operator, right } = of;
      const isShift = operator === "<<" || operator === ">>";
      if (isShift && right.kind === "constant" && right.value > 31) {
        code.add(operate("set", to, 0)); // eBPF takes the lower five bits of the number
      } else {
        code.add(operate(operator, to, operandOf(code, right, free.slice(1))));
      }
    }
  }
  return to;
}

function column(code: Assembler, of: Value & { kind: "column" }, to: Register): void {
  if (of.column === "ip_version") {
    code.add(load(to, 1, RECORD_OFFSET.flags, 1));
    code.add(operate("&", to, EVENT_FLAG.IPV6));
    code.add(operate("+", to, 4)); // the bit has the value 2
    return;
  }
  const { offset, size, shift } = fieldPlace(of.column);
  code.add(load(to, 1, offset, size));
  if (shift !== 0) code.add(operate(">>", to, shift));
}

function operandOf(code: Assembler, of: Value, free: readonly Register[]): Operand {
  return of.kind === "constant" ? of.value : { register: value(code, of, free) };
}

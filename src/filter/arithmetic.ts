/**
 * Computing with numbers of 32 bits without sign, as filters do.
 *
 * @module
 */
import type { Arithmetic, Relation, Value } from "./tree.ts";

/** Numbers wrap around; shifting by 32 and more leaves nothing. The right side of `/` and `%` is not 0. */
export function compute(operator: Arithmetic, left: number, right: number): number {
  switch (operator) {
    case "+":
      return (left + right) >>> 0;
    case "-":
      return (left - right) >>> 0;
    case "*":
      return Math.imul(left, right) >>> 0;
    case "/":
      return Math.floor(left / right);
    case "%":
      return left % right;
    case "&":
      return (left & right) >>> 0;
    case "|":
      return (left | right) >>> 0;
    case "^":
      return (left ^ right) >>> 0;
    case "<<":
      return right > 31 ? 0 : left << right >>> 0;
    case ">>":
      return right > 31 ? 0 : left >>> right;
  }
}

/** Whether a relation holds between two numbers without sign. */
export function holds(operator: Relation, left: number, right: number): boolean {
  switch (operator) {
    case "=":
      return left === right;
    case "!=":
      return left !== right;
    case "<":
      return left < right;
    case "<=":
      return left <= right;
    case ">":
      return left > right;
    case ">=":
      return left >= right;
  }
}

/** A constant. */
export function constant(value: number): Value {
  return { kind: "constant", value };
}

/** Two values put together; what is known is computed at once. */
export function computed(operator: Arithmetic, left: Value, right: Value): Value {
  if (left.kind === "constant" && right.kind === "constant") {
    return constant(compute(operator, left.value, right.value));
  }
  return { kind: "computed", operator, left, right };
}

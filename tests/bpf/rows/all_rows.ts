/**
 * The whole frame table.
 *
 * @module
 */
import { IPV4_ROWS } from "./ipv4_rows.ts";
import { IPV6_ROWS } from "./ipv6_rows.ts";
import { JUMBO_ROWS } from "./jumbo_rows.ts";
import { LINK_ROWS } from "./link_rows.ts";
import type { FrameRow } from "./row.ts";
import { TRANSPORT_ROWS } from "./transport_rows.ts";
import { WRAPPED_ROWS } from "./wrapped_rows.ts";

export const ALL_ROWS: readonly FrameRow[] = [
  ...LINK_ROWS,
  ...WRAPPED_ROWS,
  ...IPV4_ROWS,
  ...IPV6_ROWS,
  ...JUMBO_ROWS,
  ...TRANSPORT_ROWS,
];

/**
 * Whether an answer would have been seen at an interface.
 *
 * @module
 */

/** What is known of an interface, the better the more. */
export const HEARING = {
  /** One direction was recorded or selected, and no answer was seen in it. */
  oneDirection: 0,
  /** Both directions were recorded, or it is not known which, but no answer was seen. */
  bothDirections: 1,
  /** Both sides of something were seen. */
  bothSides: 2,
} as const;

/**
 * SQL for one of {@linkcode HEARING}, over rows of one interface with the column `direction`: those that
 * were recorded, and those of packets, as a file may not say what was recorded.
 *
 * @param hasBothSides SQL
 */
export function hearingOf(hasBothSides: string): string {
  return `CASE WHEN ${hasBothSides} THEN ${HEARING.bothSides}
      WHEN min(direction) = max(direction) THEN ${HEARING.oneDirection}
      ELSE ${HEARING.bothDirections} END`;
}

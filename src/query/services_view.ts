/**
 * The view `services`: IANA's names of ports, `protocol`, `port` and `name`.
 *
 * @module
 */
import { quoteText } from "./sql_text.ts";

/** The statement that creates the view, if it is not there. */
export async function servicesView(): Promise<string> {
  const { default: names } = await import("../contract/service_names.json", {
    with: { type: "json" },
  });
  const groups = Object.entries(names)
    .map(([protocols, services]) => `(${quoteText(protocols)}, ${quoteText(services)})`);
  return `CREATE TEMP VIEW IF NOT EXISTS services AS
    SELECT unnest(str_split(protocols, ',')) AS protocol,
      split_part(service, '/', 2)::USMALLINT AS port, split_part(service, '/', 1) AS name
    FROM (
      SELECT protocols, unnest(str_split(services, ' ')) AS service
      FROM (VALUES ${groups.join(", ")}) AS registry(protocols, services)
    )`;
}

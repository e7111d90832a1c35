/**
 * Probes of the interfaces to record. Nothing is attached to them.
 *
 * @module
 */
import { ANY_INTERFACE, chooseLinks } from "../attach/attach_points.ts";
import { type ListedInterface, listInterfaces } from "../attach/interface_list.ts";
import { linkHeader } from "../attach/link_header.ts";
import { defaultRouteInterface } from "../core/interfaces.ts";
import type { InterfaceFacts, PreflightFacts } from "./facts.ts";
import { attempt } from "./probe.ts";

/** @param names as for `record -i`; none = the interface of the default route */
export function probeInterfaces(names: readonly string[]): PreflightFacts["interfaces"] {
  const listed = listInterfaces();
  const links = listed.map(({ link }) => link);
  const probe = (wanted: string, find: () => string) => ({
    wanted,
    facts: attempt(() => {
      const [link] = chooseLinks([find()], links).links;
      return factsOf(listed.find((one) => one.link === link)!);
    }),
  });
  if (names.length === 0) return [probe("", defaultRouteInterface)];
  if (names.length === 1 && names[0] === ANY_INTERFACE) {
    const all = attempt(() => chooseLinks(names, links).links);
    if (all.result !== "done") return [{ wanted: ANY_INTERFACE, facts: all }];
    return all.value.map(({ name }) => probe(name, () => name));
  }
  return names.map((name) => probe(name, () => name));
}

function factsOf(
  { link, driver, nativeXdp, features, expected, tcx, clsact }: ListedInterface,
): InterfaceFacts {
  return {
    name: link.name,
    state: link.state,
    mtu: link.mtu,
    bare: linkHeader(link) === "none",
    driver,
    nativeXdp,
    xdp: link.xdp,
    egressPrograms: [...tcx ?? [], ...clsact]
      .filter(({ direction }) => direction === "egress")
      .map(({ programId }) => programId),
    features,
    expected,
  };
}

/**
 * The only door to native code: libbpf, the C library and DuckDB behind owners and functions without
 * pointers. Nothing is opened at import; a library is loaded by the first function that needs it.
 *
 * Every owner (`BpfObject`, `BpfLink`, `TcFilter`, `RingMemory`, `Epoll`, `EventFd`, `DuckdbEngine`,
 * `DuckdbType`) gives its resource back by `[Symbol.dispose]`, which may be called again; every other
 * use after that throws a `TypeError`.
 * All calls block the thread.
 *
 * Errors: `UnsupportedError` for what is missing on this machine (privilege, kernel feature,
 * library), `RunError` for a BPF object that does not load, `SystemError` with the error number for
 * the rest.
 *
 * @module
 */

export { BpfLink, interfaceExists } from "./bpf_link.ts";
export { BpfObject, type LoadOptions } from "./bpf_object.ts";
export { type ClockReading, readClocks } from "./clocks.ts";
export {
  readCounters,
  readSources,
  type SourceTotal,
  takeSources,
  writeArrayEntry,
} from "./counters.ts";
export { driverName } from "./driver_name.ts";
export { DuckdbChunk } from "./duckdb_chunk.ts";
export { DuckdbEngine, type TableColumn, type TableSource } from "./duckdb_engine.ts";
export { DuckdbType } from "./duckdb_type.ts";
export { Epoll } from "./epoll.ts";
export { SystemError } from "./errno.ts";
export { EventFd } from "./event_fd.ts";
export { interfaceFeatures } from "./interface_features.ts";
export { kernelTypes, tryRing } from "./kernel_features.ts";
export { LIBBPF_VARIABLE, libbpfVersion } from "./load_library.ts";
export { listNativeXdp } from "./netlink_features.ts";
export { listFilters, type QdiscFilter } from "./netlink_filters.ts";
export { listLinks, type NetworkLink } from "./netlink_links.ts";
export { inPrivateNetwork, LOOPBACK_IFINDEX } from "./network_namespace.ts";
export { possibleProcessors } from "./processors.ts";
export { synchronizeRcu } from "./rcu.ts";
export { pageBytes, type RingMaps, RingMemory } from "./ring_memory.ts";
export { FILTER_PRIORITY, removeLeftoverFilters, TcFilter } from "./tc_filter.ts";
export { hasTcx, queryTcx } from "./tcx_query.ts";
export {
  sendXdpLive,
  TestRunner,
  type TestRunResult,
  testRunTc,
  testRunXdp,
  type TimedTestRunResult,
} from "./test_run.ts";
export { VerifierError } from "./verifier_log.ts";
export { interfaceIndex, queryXdp, type XdpAttachment, type XdpMode } from "./xdp_query.ts";

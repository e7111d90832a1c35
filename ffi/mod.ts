/**
 * The only door to native code: libbpf, the C library and DuckDB behind owners and functions without
 * pointers. Nothing is opened at import; a library is loaded by the first function that needs it.
 *
 * Every owner (`BpfObject`, `BpfLink`, `TcFilter`, `RingMemory`, `Epoll`, `EventFd`, `FileDescriptor`, `LinkMonitor`,
 * `DataFile`, `Directory`, `DuckdbEngine`, `DuckdbType`) gives its resource back by `[Symbol.dispose]`, which may be called again; every other
 * use after that throws a `TypeError`.
 * All calls block the thread.
 *
 * Errors: `UnsupportedError` for what is missing on this machine (privilege, kernel feature,
 * library), `RunError` for a BPF object that does not load, `SystemError` with the error number for
 * the rest.
 *
 * @module
 */

export { BpfLink } from "./bpf/bpf_link.ts";
export { BpfObject, type LoadOptions } from "./bpf/bpf_object.ts";
export {
  capabilityBits,
  type CapabilityName,
  forgetCapabilities,
  ownCapabilities,
  raisePermitted,
  withCapabilities,
  withoutCapabilities,
} from "./linux/capability_set.ts";
export { type ClockReading, readClocks } from "./linux/clocks.ts";
export { readCounters, type SenderTotal, takeSenders, writeArrayEntry } from "./bpf/map_access.ts";
export { FileDescriptor, type FileStatus } from "./linux/file_descriptor.ts";
export { DataFile } from "./linux/data_file.ts";
export { Directory } from "./linux/directory.ts";
export { mayWriteIn } from "./linux/directory_access.ts";
export { descriptorLimit, raiseDescriptorLimit } from "./linux/descriptor_limit.ts";
export { driverName } from "./linux/driver_name.ts";
export { DuckdbChunk } from "./duckdb/duckdb_chunk.ts";
export { DuckdbEngine, type TableColumn, type TableRows } from "./duckdb/duckdb_engine.ts";
export { DuckdbType } from "./duckdb/duckdb_type.ts";
export { Epoll } from "./linux/epoll.ts";
export { ERRNO, SystemError } from "./linux/errno.ts";
export { EventFd } from "./linux/event_fd.ts";
export { giveUpPrivileges, type Remainder } from "./linux/give_up.ts";
export { interfaceFeatures } from "./linux/interface_features.ts";
export { ownThread } from "./linux/thread_calls.ts";
export { findUser } from "./linux/user_account.ts";
export { kernelTypes, tryRing } from "./bpf/kernel_features.ts";
export { libbpfVersion } from "./bpf/load_libbpf.ts";
export { LinkMonitor } from "./netlink/link_monitor.ts";
export { listNativeXdp } from "./netlink/netlink_features.ts";
export { listFilters, type QdiscFilter } from "./netlink/netlink_filters.ts";
export { type LinkMessage, listLinks, type NetworkLink } from "./netlink/netlink_links.ts";
export { inPrivateNetwork, LOOPBACK_IFINDEX } from "./linux/network_namespace.ts";
export { NotifySocket } from "./linux/notify_socket.ts";
export { possibleProcessors } from "./linux/processors.ts";
export { rcuWaitNeedsBpf, synchronizeRcu } from "./bpf/rcu.ts";
export { pageBytes, type RingMaps, RingMemory } from "./bpf/ring_memory.ts";
export { FILTER_PRIORITY, removeLeftoverFilters, TcFilter } from "./bpf/tc_filter.ts";
export { hasTcx, queryTcx } from "./bpf/tcx_query.ts";
export {
  sendXdpLive,
  TestRunner,
  type TestRunResult,
  testRunTc,
  testRunXdp,
  type TimedTestRunResult,
} from "./bpf/test_run.ts";
export { VerifierError } from "./bpf/verifier_log.ts";
export { interfaceIndex, queryXdp, type XdpAttachment, type XdpMode } from "./bpf/xdp_query.ts";

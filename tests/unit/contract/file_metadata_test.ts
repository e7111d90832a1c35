import assert from "node:assert/strict";
import { FILE_METADATA_KEY } from "../../../src/contract/file_metadata.ts";

Deno.test("FILE_METADATA_KEY holds the keys that other programs rely on", () => {
  assert.deepEqual(Object.values(FILE_METADATA_KEY), [
    "xdp_inspector.schema_version",
    "xdp_inspector.tool_version",
    "xdp_inspector.host",
    "xdp_inspector.started",
    "xdp_inspector.ended",
    "xdp_inspector.duration_seconds",
    "xdp_inspector.sample_rate",
    "xdp_inspector.filter",
    "xdp_inspector.attachments",
    "xdp_inspector.counters",
    "xdp_inspector.interface_events",
    "xdp_inspector.interface_events_left_out",
    "xdp_inspector.loss_intervals",
    "xdp_inspector.clock",
    "xdp_inspector.selection",
    "xdp_inspector.recovered",
    "xdp_inspector.recording_id",
    "xdp_inspector.file_number",
    "xdp_inspector.counters_before",
    "xdp_inspector.last_file",
  ]);
});

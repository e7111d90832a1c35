/**
 * The kernel side of a capture: loaded objects, links, counters. Owns every native resource of it.
 *
 * @module
 */
import {
  BpfObject,
  type CapabilityName,
  LinkMonitor,
  listLinks,
  LOOPBACK_IFINDEX,
  type NetworkLink,
  possibleProcessors,
  rcuWaitNeedsBpf,
  readCounters,
  type RingMaps,
  synchronizeRcu,
  SystemError,
  takeSenders,
  withCapabilities,
  withoutCapabilities,
} from "../../ffi/mod.ts";
import type { ChosenAttachment } from "../contract/attachment.ts";
import { CONFIG_BYTES, CONFIG_OFFSET, COUNTERS_BYTES } from "../contract/record_layout.ts";
import type { SenderCount } from "../contract/recording_report.ts";
import { attach, type HeldProgram } from "../attach/attach.ts";
import { attachOrder } from "../attach/attach_order.ts";
import { ABSENT, type AttachPoint } from "../attach/attach_points.ts";
import { tcxObstacle } from "../attach/hook_kernel.ts";
import { type CaptureMode, kindsOf, programFor, type ProgramName } from "../attach/hook_kind.ts";
import { addCounts, decodeCounts, type PacketCounts } from "../contract/packet_counts.ts";
import type { HookStep } from "../attach/hook_choice.ts";
import { planHooks } from "../attach/hook_facts.ts";
import { HookPrograms } from "../attach/hook_programs.ts";
import { InterfaceWatch, type Noticed, type WatchedKernel } from "../attach/interface_watch.ts";
import { type Arrival, arrivalsOf, type Refusal } from "../attach/waiting.ts";
import type { LoadedFilter } from "../filter/written_filter.ts";
import { type RingShape, ringShape, wakeupInterval } from "../drain/ring_shape.ts";
import { filteredObject, loadObject } from "./filtered_object.ts";

/** Distinct senders that the live statistics keep; the least recently seen make room. */
const SENDER_ENTRIES = 65_536;

/** Maps of the first instance that all others use. */
const SHARED_MAPS = [
  "ring",
  "ring_positions",
  "doorbell",
  "senders",
  "captured_total",
  "writer_behind",
] as const;

export interface CaptureSettings {
  readonly points: readonly AttachPoint[];
  readonly mode: CaptureMode;
  /** Memory for the ring, a power of two. */
  readonly ringBytes: number;
  /** Records after which the kernel stops capturing; 0 = no limit. */
  readonly captureLimit: number;
  /** One packet in how many is kept, by chance; 1 = all. */
  readonly sampleRate: number;
  /** Which packets are kept; of those, one in {@linkcode sampleRate}. Left out = all. */
  readonly filter?: LoadedFilter | null;
  /** Whether the kernel counts per sender for the live status. */
  readonly senderStatistics: boolean;
  /** Whether interfaces that are not there are waited for. Left out = no. */
  readonly waits?: boolean;
}

/** A kernel that tells what becomes of interfaces. */
type Monitor = WatchedKernel & Disposable;

/** Programs loaded for a set of attach points, one instance of the object for each. */
export class CaptureSession implements Disposable {
  readonly #settings: CaptureSettings;
  readonly #ring: RingShape;
  /** For each attach point, the hooks to try. */
  readonly #steps: readonly HookStep[][];
  /** By number of the attachment, for packets with an Ethernet header or without, as far as needed. */
  readonly #programs: Map<boolean, HookPrograms>[] = [];
  /** By number of the attachment, in the order in which they were attached; also those that are lost. */
  readonly #held = new Map<number, HeldProgram>();
  /** Numbers of the attachments whose interface is waited for. */
  readonly #waiting = new Set<number>();
  /** The instance whose ring and other common maps all use. */
  #first: BpfObject | undefined;
  readonly #monitor: Monitor;
  readonly #watch: InterfaceWatch;

  private constructor(settings: CaptureSettings, openMonitor: () => Monitor) {
    this.#settings = settings;
    this.#ring = ringShape(settings.ringBytes, possibleProcessors());
    this.#steps = planHooks(settings.points, settings.mode);
    this.#monitor = openMonitor();
    this.#watch = new InterfaceWatch(this.#monitor);
  }

  /**
   * Loads one program for each attach point, its first choice. Nothing is attached yet.
   *
   * @param elf the compiled BPF object
   * @param openMonitor for tests
   * @throws {UnsupportedError} if privilege, kernel or libbpf do not allow it
   */
  static load(
    elf: Uint8Array,
    settings: CaptureSettings,
    openMonitor: () => Monitor = LinkMonitor.open,
  ): CaptureSession {
    const session = new CaptureSession(settings, openMonitor);
    try {
      settings.points.forEach((_, attachment) => session.#prepare(elf, attachment));
      return session;
    } catch (error) {
      session[Symbol.dispose]();
      throw error;
    }
  }

  #prepare(elf: Uint8Array, attachment: number): void {
    const { points, mode, waits = false } = this.#settings;
    const point = points[attachment]!;
    const bare = point.bare ?? false;
    const prepared = new Map<boolean, HookPrograms>();
    this.#programs.push(prepared);
    const tried = this.#steps[attachment]!.filter(({ obstacle }) => obstacle === null);
    const [first, ...others] = new Set(tried.map(({ kind }) => programFor(point, kind)));
    const load = (program: ProgramName) => this.#load(elf, program, attachment, bare);
    prepared.set(bare, HookPrograms.prepare([first!, ...others], load));
    if (!waits) return;
    // Whatever comes may take another hook than what is there now, and be of another kind.
    for (const isBare of [bare, !bare]) {
      const all = kindsOf(mode, point.direction, isBare).map((kind) => programFor(point, kind));
      const [one, ...more] = new Set(all);
      if (one === undefined) continue;
      const load = (program: ProgramName) => this.#load(elf, program, attachment, isBare);
      const programs = prepared.get(isBare) ?? HookPrograms.prepare([one, ...more], load);
      prepared.set(isBare, programs);
      programs.keepReady([one, ...more]);
    }
  }

  #load(elf: Uint8Array, program: ProgramName, attachment: number, bare: boolean): BpfObject {
    const { captureLimit, senderStatistics, points, filter } = this.#settings;
    const config = new Uint8Array(CONFIG_BYTES);
    const view = new DataView(config.buffer);
    view.setBigUint64(CONFIG_OFFSET.capture_limit, BigInt(captureLimit), true);
    view.setUint32(
      CONFIG_OFFSET.wakeup_interval,
      wakeupInterval(this.#ring, possibleProcessors() * points.length),
      true,
    );
    view.setUint32(CONFIG_OFFSET.ring_slots, this.#ring.slots, true);
    view.setUint32(CONFIG_OFFSET.ring_limit, this.#ring.limit, true);
    view.setUint32(CONFIG_OFFSET.sample_rate, this.#settings.sampleRate, true);
    view.setUint16(CONFIG_OFFSET.rings, this.#ring.rings, true);
    view.setUint8(CONFIG_OFFSET.attachment, attachment);
    view.setUint8(CONFIG_OFFSET.sender_statistics, senderStatistics ? 1 : 0);
    view.setUint8(CONFIG_OFFSET.filter, filter ? 1 : 0);
    view.setUint8(CONFIG_OFFSET.bare, bare ? 1 : 0);
    const first = this.#first;
    const image = filter ? filteredObject(elf, filter, points[attachment]!) : elf;
    const object = loadObject(image, filter ?? null, {
      program,
      config,
      maxEntries: {
        ring: this.#ring.rings * this.#ring.slots,
        ring_positions: this.#ring.rings,
        senders: senderStatistics ? SENDER_ENTRIES : 1,
      },
      ...(first && {
        shareMaps: Object.fromEntries(SHARED_MAPS.map((name) => [name, first.mapFd(name)])),
      }),
    });
    try {
      object.keepOnly(first === undefined ? ["counters", ...SHARED_MAPS] : ["counters"]);
    } catch (error) {
      object[Symbol.dispose]();
      throw error;
    }
    this.#first ??= object;
    return object;
  }

  /** The ring, valid until the session is disposed of. */
  get ring(): RingMaps {
    const first = this.#first!;
    return {
      slotsFd: first.mapFd("ring"),
      positionsFd: first.mapFd("ring_positions"),
      doorbellFd: first.mapFd("doorbell"),
      rings: this.#ring.rings,
      slots: this.#ring.slots,
    };
  }

  /** File descriptor of the map that says whether the writer is behind, valid as long as the ring. */
  get writerBehindFd(): number {
    return this.#first!.mapFd("writer_behind");
  }

  /**
   * Attaches every program, those of lower interfaces first, or none: if one is refused, those already
   * attached are taken back. Those of interfaces that are waited for come later.
   *
   * @throws {RunError} if an interface refuses its program
   */
  attach(): ChosenAttachment[] {
    const { points, waits = false } = this.#settings;
    try {
      // Asked while this process may ask.
      if (waits) tcxObstacle(LOOPBACK_IFINDEX);
      for (const attachment of attachOrder(points, listLinks())) {
        const point = points[attachment]!;
        if (point.ifindex === ABSENT) this.#waiting.add(attachment);
        else this.#place(attachment, point, this.#steps[attachment]!);
      }
      this.#watchAttachments(points.flatMap((point, attachment) => {
        return point.ifindex === ABSENT ? [] : [{ attachment, point }];
      }));
      return this.attached;
    } catch (error) {
      this.detach();
      throw error;
    }
  }

  /** How the attachments were made last; without hook where there was none yet. */
  get attached(): ChosenAttachment[] {
    return this.#settings.points.map(({ interface: name, direction }, attachment) => {
      const { hook = null, mode = null, reason = "" } = this.#held.get(attachment) ?? {};
      return { attachment, interface: name, direction, hook, mode, reason };
    });
  }

  #place(attachment: number, point: AttachPoint, steps: readonly HookStep[]): void {
    const programs = this.#programs[attachment]!.get(point.bare ?? false)!;
    const load = (program: ProgramName) => programs.use(program);
    this.#held.set(attachment, attach(load, point, steps));
    if (!this.#settings.waits) programs.releasePrograms();
  }

  #watchAttachments(placed: readonly { attachment: number; point: AttachPoint }[]): void {
    this.#watch.add(placed.map(({ attachment, point }) => {
      const { holder } = this.#held.get(attachment)!;
      return {
        ...point,
        attachment,
        detach: () => holder[Symbol.dispose](),
        isAttached: () => holder.isAttached(),
      };
    }));
  }

  /** What has happened to interfaces and programs since the last call; cheap to ask. */
  notice(): Noticed {
    const noticed = this.#watch.check();
    if (noticed.lost.length > 0) synchronizeRcu();
    if (this.#settings.waits) {
      for (const { cause, attachments } of noticed.lost) {
        if (cause === "program") continue;
        for (const { attachment } of attachments) this.#waiting.add(attachment);
      }
    }
    return noticed;
  }

  /** Attaches to what is waited for, as far as it is there; all directions of an interface or none. */
  attachWaiting(): (Arrival | Refusal)[] {
    if (this.#waiting.size === 0) return [];
    const { points, mode } = this.#settings;
    const waiting = [...this.#waiting].map((attachment) => {
      return { attachment, point: points[attachment]! };
    });
    return arrivalsOf(waiting, linksNow(), (ifindex) => this.#watch.has(ifindex), (placed) => {
      const steps = planHooks(placed.map(({ point }) => point), mode);
      const before = new Map(placed.map(({ attachment }) => {
        return [attachment, this.#held.get(attachment)] as const;
      }));
      try {
        // Where a filter of clsact is all there is, it takes that right.
        withCapabilities(["NET_ADMIN"], () => {
          placed.forEach(({ attachment, point }, index) => {
            this.#place(attachment, point, steps[index]!);
          });
        });
      } catch (error) {
        for (const [attachment, held] of before) {
          this.#held.get(attachment)?.holder[Symbol.dispose]();
          if (held === undefined) this.#held.delete(attachment);
          else this.#held.set(attachment, held);
        }
        throw error;
      }
      for (const { attachment } of placed) this.#waiting.delete(attachment);
      this.#watchAttachments(placed);
    });
  }

  /** Whether there is an interface that is waited for. */
  get isWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** Whether no program is attached any more although nobody called {@link detach}. */
  get hasLostAll(): boolean {
    return this.#held.size > 0 && this.#watch.allLost && !this.isWaiting;
  }

  /**
   * Takes every program off its hook and waits until no CPU runs one any more: afterwards the
   * counters are final and every record in the rings is complete. Idempotent.
   */
  detach(): void {
    if (this.#held.size === 0) return;
    for (const { holder } of [...this.#held.values()].reverse()) holder[Symbol.dispose]();
    this.#held.clear();
    synchronizeRcu();
  }

  /**
   * What capabilities(7) the rest of a recording takes: to read the maps, all the time, and to take the
   * programs off.
   *
   * Before Linux 5.19 every bpf(2) takes CAP_BPF where `kernel.unprivileged_bpf_disabled` is set, as it is
   * by default; later only loading and making maps do (commit c8644cd0efe7). It is tried, not guessed.
   */
  neededCapabilities(): { reading: CapabilityName[]; ending: CapabilityName[] } {
    const ending: CapabilityName[] = [];
    const { waits = false, mode, points } = this.#settings;
    const mayComeToTc = waits &&
      (mode === "auto" || mode === "tc" || points.some(({ direction }) => direction === "egress"));
    const needsFilter = [...this.#held.values()].some(({ hook }) => hook === "clsact") ||
      mayComeToTc && tcxObstacle(LOOPBACK_IFINDEX) !== null;
    if (needsFilter) ending.push("NET_ADMIN");
    if (rcuWaitNeedsBpf()) ending.push("BPF");
    return { reading: this.#readsWithoutCapability() ? [] : ["BPF"], ending };
  }

  #readsWithoutCapability(): boolean {
    try {
      withoutCapabilities(() => this.counts());
      return true;
    } catch (error) {
      if (error instanceof SystemError && error.code === "EPERM") return false;
      throw error;
    }
  }

  /** Counts of each attach point, in the order of the settings' points. */
  counts(): PacketCounts[] {
    const read = (object: BpfObject) =>
      decodeCounts(readCounters(object.mapFd("counters"), COUNTERS_BYTES));
    return this.#programs.map((prepared) => {
      return addCounts([...prepared.values()].flatMap(({ all }) => [...all].map(read)));
    });
  }

  /**
   * The busiest senders since the last call, by bytes. Empty when sender statistics are off.
   *
   * @param limit most senders to return
   */
  takeTopSenders(limit: number): SenderCount[] {
    if (!this.#settings.senderStatistics) return [];
    return takeSenders(this.#first!.mapFd("senders"), limit).map(({ key, packets, bytes }) => ({
      address: key,
      packets,
      bytes,
    }));
  }

  /** Detaches and releases everything. Idempotent. */
  [Symbol.dispose](): void {
    this.detach();
    for (const prepared of this.#programs.splice(0).reverse()) {
      for (const programs of [...prepared.values()].reverse()) programs[Symbol.dispose]();
    }
    this.#monitor[Symbol.dispose]();
  }
}

/** None while they change all the time: they are looked at again. */
function linksNow(): NetworkLink[] {
  try {
    return listLinks();
  } catch (error) {
    if (error instanceof SystemError && error.code === "EINTR") return [];
    throw error;
  }
}

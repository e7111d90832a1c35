/**
 * The kernel side of a capture: loaded objects, links, counters. Owns every native resource of it.
 *
 * @module
 */
import {
  BpfObject,
  type CapabilityName,
  interfaceExists,
  listLinks,
  possibleProcessors,
  rcuWaitNeedsBpf,
  readCounters,
  type RingMaps,
  synchronizeRcu,
  SystemError,
  takeSenders,
  withoutCapabilities,
} from "../../ffi/mod.ts";
import type { ChosenAttachment } from "../contract/attachment.ts";
import { CONFIG_BYTES, CONFIG_OFFSET, COUNTERS_BYTES } from "../contract/record_layout.ts";
import type { SenderCount } from "../contract/recording_report.ts";
import { attach, type HeldProgram } from "../attach/attach.ts";
import { attachOrder } from "../attach/attach_order.ts";
import type { AttachPoint } from "../attach/attach_points.ts";
import { type CaptureMode, programFor, type ProgramName } from "../attach/hook_kind.ts";
import { addCounts, decodeCounts, type PacketCounts } from "../contract/packet_counts.ts";
import type { HookStep } from "../attach/hook_choice.ts";
import { planHooks } from "../attach/hook_facts.ts";
import { HookPrograms } from "../attach/hook_programs.ts";
import { InterfaceWatch, type LostAttachments } from "../attach/interface_watch.ts";
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
}

/** Programs loaded for a set of attach points, one instance of the object for each. */
export class CaptureSession implements Disposable {
  readonly #settings: CaptureSettings;
  readonly #ring: RingShape;
  /** For each attach point, the hooks to try. */
  readonly #steps: readonly HookStep[][];
  readonly #programs: HookPrograms[] = [];
  /** By number of the attachment, in the order in which they were attached. */
  readonly #held = new Map<number, HeldProgram>();
  /** The instance whose ring and other common maps all use. */
  #first: BpfObject | undefined;
  #watch = new InterfaceWatch([], interfaceExists);

  private constructor(settings: CaptureSettings) {
    this.#settings = settings;
    this.#ring = ringShape(settings.ringBytes, possibleProcessors());
    this.#steps = planHooks(settings.points, settings.mode);
  }

  /**
   * Loads one program for each attach point, its first choice. Nothing is attached yet.
   *
   * @param elf the compiled BPF object
   * @throws {UnsupportedError} if privilege, kernel or libbpf do not allow it
   */
  static load(elf: Uint8Array, settings: CaptureSettings): CaptureSession {
    const session = new CaptureSession(settings);
    try {
      settings.points.forEach((point, attachment) => {
        const load = (program: ProgramName) => session.#load(elf, program, attachment);
        const tried = session.#steps[attachment]!.filter(({ obstacle }) => obstacle === null);
        const [first, ...others] = new Set(tried.map(({ kind }) => programFor(point, kind)));
        session.#programs.push(HookPrograms.prepare([first!, ...others], load));
      });
      return session;
    } catch (error) {
      session[Symbol.dispose]();
      throw error;
    }
  }

  #load(elf: Uint8Array, program: ProgramName, attachment: number): BpfObject {
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
    view.setUint8(CONFIG_OFFSET.bare, points[attachment]!.bare ? 1 : 0);
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
   * attached are taken back.
   *
   * @throws {RunError} if an interface refuses its program
   */
  attach(): ChosenAttachment[] {
    const { points } = this.#settings;
    try {
      for (const attachment of attachOrder(points, listLinks())) {
        const programs = this.#programs[attachment]!;
        const load = (program: ProgramName) => programs.use(program);
        this.#held.set(attachment, attach(load, points[attachment]!, this.#steps[attachment]!));
        programs.releasePrograms();
      }
      this.#watch = this.#watchAttachments();
      return points.map(({ interface: name, direction }, attachment) => {
        const { hook, mode, reason } = this.#held.get(attachment)!;
        return { attachment, interface: name, direction, hook, mode, reason };
      });
    } catch (error) {
      this.detach();
      throw error;
    }
  }

  #watchAttachments(): InterfaceWatch {
    const watched = this.#settings.points.map((point, attachment) => {
      const { holder } = this.#held.get(attachment)!;
      return {
        ...point,
        attachment,
        detach: () => holder[Symbol.dispose](),
        isAttached: () => holder.isAttached(),
      };
    });
    return new InterfaceWatch(watched, interfaceExists);
  }

  /** What stopped recording since the last call: interfaces and programs that went; cheap to ask. */
  takeLostAttachments(): LostAttachments[] {
    const lost = this.#watch.check();
    if (lost.length > 0) synchronizeRcu();
    return lost;
  }

  /** Whether no program is attached any more although nobody called {@link detach}. */
  get hasLostAll(): boolean {
    return this.#held.size > 0 && this.#watch.allLost;
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
    if ([...this.#held.values()].some(({ hook }) => hook === "clsact")) ending.push("NET_ADMIN");
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
    return this.#programs.map(({ all }) => addCounts([...all].map(read)));
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
    for (const programs of this.#programs.splice(0).reverse()) programs[Symbol.dispose]();
  }
}

/**
 * The draining thread, with the clock of the test.
 *
 * @module
 */
import "../../src/drain/drain_worker.ts";
import { useMachineClock } from "./set_clock.ts";

useMachineClock();

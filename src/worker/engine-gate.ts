/** The gate of this worker. Importing this file puts it up, so `engine-worker.ts` and `train-worker.ts` import it before everything else. */
import { putUpGate } from './gate.ts';

export const gate = putUpGate();

/** What a step of an answer asks of WebGPU, on a page's main thread: ours in each of its ways, and Transformers.js. */
import { loadBaseModel } from '../../src/model/base-model.ts';
import { createWebRuntime } from '../../src/runtime/web-runtime.ts';
import { callsPerStep, countGpuCalls } from '../../src/testing/gpu-calls.ts';
import type { StepCost } from '../generate-results.ts';
import { peerSide } from '../generate-sides.ts';
import { decodeWay } from '../gpu/check-model.ts';
import type { DecodeWay } from '../gpu/report.ts';
import { importPeer } from './transformers-peer.ts';

/** Of the prompt; as a check of a GPU has it where it is short. */
const CONTEXT = 32;
const STEPS = 8;

let calls: ReturnType<typeof countGpuCalls> | undefined;
let opened: ReturnType<typeof open> | undefined;

async function open(name: string) {
  const source = {
    name,
    read: async (path: string) => {
      const response = await fetch(`/${name}/${path}`);
      return response.ok ? new Uint8Array(await response.arrayBuffer()) : undefined;
    },
  };
  const model = await loadBaseModel({ source, dtypes: ['q4'] });
  const { activationType, operators } = model.facts;
  const { attention } = model.config;
  const gpu = await createWebRuntime({ device: 'webgpu', activationType, operators, attention });
  return { model, gpu };
}

export async function ourSteps(
  name: string,
  way: DecodeWay['way'],
): Promise<{ readonly reason: string; readonly step: StepCost }> {
  calls ??= countGpuCalls();
  opened ??= open(name);
  const { model, gpu } = await opened;
  const ids = Array.from({ length: CONTEXT + STEPS }, (_, i) => 3 + ((i * 389) % 990));
  const { reason, calls: asked } = await decodeWay({ model, gpu, ids, smoke: true, calls }, way);
  return { reason, step: { who: 'ours', way, context: CONTEXT, calls: asked } };
}

export async function theirSteps(name: string, content: string): Promise<StepCost> {
  const counted = countGpuCalls();
  const noted: ReturnType<typeof counted>[] = [];
  const answer = peerSide(await (await importPeer('webgpu'))(name), () => {
    noted.push(counted());
    return performance.now();
  });
  // Once before: it compiles.
  await answer(content, STEPS);
  const { ids } = await answer(content, STEPS);
  if (ids.length < STEPS) throw new Error(`it wrote ${ids.length} tokens, expected ${STEPS}`);
  // The clock is looked at in the beginning, at the first token and at the end.
  const [first, end] = noted.slice(-2);
  return { who: 'theirs', context: CONTEXT, calls: callsPerStep(first!, end!, STEPS - 1) };
}

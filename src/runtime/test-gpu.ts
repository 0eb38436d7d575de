/** What a GPU has to compute rightly before a model is given to it; each once for a device, in its browser. */
import { E2PError } from '../error.ts';
import { type Findings, findingKey, identityOf, testedOnce } from './findings.ts';
import { halfError } from './half-test.ts';
import type { Runtime } from './runtime.ts';
import { type AttentionLayout, type FloatType, longestRightChunk } from './self-test.ts';

/** Rounding to halves makes 2e-3; a sum that overflowed is off by 1. */
const TOLERANCE = 2e-2;

export interface GpuTest {
  readonly layout: AttentionLayout;
  /** Of activations. */
  readonly type: FloatType;
  readonly findings: Findings | undefined;
  /** Of the device; asked when the first session has made it. */
  readonly info: () => Promise<GPUAdapterInfo | undefined>;
}

/** @throws E2PError `backend-faulty`; of float16 it is noted, since another precision may do */
export async function testGpu(
  runtime: Runtime,
  { layout, type, findings, info }: GpuTest,
): Promise<{ readonly prefillChunk: number; readonly identity: string | undefined }> {
  let identity: string | undefined;
  const keyOf = (what: 'attention' | 'float16', of?: object) => identity && findingKey(identity, what, of);
  const known = async () => {
    identity = identityOf(await info());
    const key = keyOf('attention', { layout, type });
    return key === undefined ? undefined : findings?.known[key];
  };
  try {
    const prefillChunk = await longestRightChunk(runtime, layout, type, known);
    const key = keyOf('attention', { layout, type });
    if (key !== undefined && findings?.known[key] === undefined) findings?.onFound(key, prefillChunk);
    if (type === 'float32') return { prefillChunk, identity };
    const isRight = async () => Number((await halfError(runtime)) <= TOLERANCE);
    if (await testedOnce(findings, keyOf('float16'), isRight)) return { prefillChunk, identity };
  } catch (error) {
    const key = keyOf('float16');
    const isFaulty = error instanceof E2PError && error.code === 'backend-faulty';
    if (type === 'float16' && isFaulty && key !== undefined && findings?.known[key] === undefined) {
      findings?.onFound(key, 0);
    }
    throw error;
  }
  throw new E2PError('backend-faulty', `${runtime.device} computes float16 wrongly`);
}

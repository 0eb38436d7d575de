/**
 * The kernels of WebGPU without a GPU, halves too: onnxruntime-node's provider on Mesa's lavapipe, against the CPU. It runs where that driver is
 * installed (Debian's `mesa-vulkan-drivers`, 25 or later); `E2P_LAVAPIPE` names the `lvp_icd.json` of one that lies elsewhere, `E2P_DAWN` the
 * folder of npm's `webgpu` (0.6.2 was used), for buffers of our own, and `E2P_LAVAPIPE_LLM=1` adds the real LLM, minutes; `E2P_LAVAPIPE_SHOW=1`
 * prints what is found.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { loadBaseModel } from '../model/base-model.ts';
import type { Dtype } from '../model/model-config.ts';
import { WebGpuMemory } from '../runtime/gpu-memory.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { longestRightChunk, SAFE_CHUNK } from '../runtime/self-test.ts';
import type { FileSource } from '../storage/file-source.ts';
import { createFolderSource } from '../storage/folder-source.ts';
import { exportRows, structureFolder } from '../testing/exports/structure.ts';
import { highestOn, rowsOf } from '../testing/highest-rows.ts';
import { hasShared, sharedPath } from '../testing/shared.ts';
import { Decoder, type TokenRun } from './decoder.ts';
import { argmax } from './sampling.ts';

const PLACES = ['lvp_icd.json', 'lvp_icd.x86_64.json', 'lvp_icd.aarch64.json'].map(
  (file) => `/usr/share/vulkan/icd.d/${file}`,
);
const driver = process.env.E2P_LAVAPIPE ?? PLACES.find(existsSync);
const note =
  driver === undefined
    ? ' (skipped: no lvp_icd.json in /usr/share/vulkan/icd.d, and E2P_LAVAPIPE names none: install mesa-vulkan-drivers)'
    : '';
// Before anything looks for a driver.
if (driver !== undefined) process.env.VK_ICD_FILENAMES = driver;

const TIMEOUT = 600_000;

/** Tokens of the prompt; of its first piece, where it is read in two; and steps behind it. */
const [PROMPT, CUT, STEPS] = [50, 36, 6];

interface Written {
  /** The highest of each row. */
  readonly tokens: readonly number[];
  readonly rows: readonly Float32Array[];
}

/** @param forced what is written, where it is not the highest */
async function write(
  decoder: Decoder,
  pieces: readonly TokenRun[],
  forced?: readonly number[],
): Promise<Written> {
  let cache = decoder.emptyCache();
  const tokens: number[] = [];
  const rows: Float32Array[] = [];
  for (let i = 0; i < pieces.length + STEPS; i++) {
    const next = await decoder.read(
      cache,
      pieces[i] ?? { ids: [forced?.[rows.length - 1] ?? tokens.at(-1)!] },
    );
    cache.release();
    cache = next.cache;
    if (i < pieces.length - 1) continue;
    rows.push(new Float32Array(next.logits));
    tokens.push(argmax(next.logits));
  }
  cache.release();
  return { tokens, rows };
}

/** Of the largest logit: how far others are at most; and how far another highest is below the expected one. */
function apart(found: Written, expected: Written): number {
  const scale = Math.max(
    ...expected.rows.flatMap((row) => row.reduce((most, v) => Math.max(most, Math.abs(v)), 0)),
  );
  const worst = expected.rows.map((row, at) =>
    row.reduce((most, v, i) => Math.max(most, Math.abs(v - found.rows[at]![i]!)), 0),
  );
  return Math.max(...worst) / scale;
}

/** A model on both, the CPU's text forced on the other, so that rounding does not part them. */
async function compare(source: FileSource, dtypes: readonly Dtype[], prompt?: readonly number[]) {
  const model = await loadBaseModel({ source, dtypes });
  const [cpu, gpu] = [createNodeRuntime(), createNodeRuntime({ device: 'webgpu' })];
  const [onCpu, onGpu] = [
    // Float activations: rounding them to int8 is coarser than what a kernel may be wrong by.
    await Decoder.create(model, cpu, true),
    await Decoder.create(model, gpu, true),
  ];
  const size = Math.min(model.facts.vocabularySize, model.facts.head.columns);
  const ids = prompt ?? Array.from({ length: PROMPT }, (_, i) => 3 + ((i * 389) % (size - 3)));
  const own = await model.tokenEmbeddings(cpu, [ids[4]!]);
  const soft = new Map([[4, own.map((v, i) => v * (1 + Math.sin(i) / 2))]]);
  const cut = Math.min(CUT, ids.length >> 1);
  const found: { way: string; apart: number; same: number }[] = [];
  for (const [way, pieces] of [
    ['plain', [{ ids }]],
    ['soft token', [{ ids, soft }]],
    ['soft token, in pieces', [{ ids: ids.slice(0, cut), soft }, { ids: ids.slice(cut) }]],
  ] as const) {
    const expected = await write(onCpu, pieces);
    const other = await write(onGpu, pieces, expected.tokens);
    const same = other.tokens.filter((token, at) => token === expected.tokens[at]).length;
    found.push({ way, apart: apart(other, expected), same: same / expected.tokens.length });
    if (process.env.E2P_LAVAPIPE_SHOW)
      process.stderr.write(`${source.name} ${JSON.stringify(found.at(-1))}\n`);
  }
  for (const decoder of [onCpu, onGpu]) await decoder.release();
  return found;
}

/** "The capital of France is the city of", and some more: lavapipe takes seconds for a token of the real LLM. */
const FEW = [504, 3575, 282, 4649, 314, 260, 2240, 282, 7042, 28, 260];

/** So far a logit may be from the CPU's, of the largest. */
const MOST = { q4: 1e-4, q4f16: 1e-2 } as const;

function expectNear(found: Awaited<ReturnType<typeof compare>>, most: number): void {
  for (const { way, apart } of found) expect(apart, way).toBeLessThan(most);
}

describe.skipIf(driver === undefined)(`WebGPU's kernels on lavapipe${note}`, { timeout: TIMEOUT }, () => {
  /** A cache with room behind what counts, which GroupQueryAttention reads as far as it is told. */
  it.each([
    ['genai-q4', 'q4'],
    ['genai-q4f16-webgpu', 'q4f16'],
  ] as const)('%s: a prompt at once and in pieces, a soft token, and the steps behind it', async (exporter, dtype) => {
    const row = exportRows().find((r) => r.exporter === exporter && r.architecture === 'llama')!;
    expectNear(await compare(structureFolder(row), [dtype, 'fp32', 'fp16']), MOST[dtype]);
  });

  it('whose attention over 32 new tokens and more is found wrong', async () => {
    // Mesa 25.0.7 with onnxruntime 1.30: where it is right one day, prompts may be read in longer pieces in Node too.
    const gpu = createNodeRuntime({ device: 'webgpu' });
    expect(gpu.prefillChunk).toBe(SAFE_CHUNK);
    expect(await longestRightChunk(gpu, { heads: 4, kvHeads: 2, headSize: 16 })).toBe(SAFE_CHUNK);
  });

  const dawn = process.env.E2P_DAWN;
  it.skipIf(dawn === undefined)(
    'our own top 64, exactly (otherwise skipped: onnxruntime-node gives no GPU buffers; E2P_DAWN names the folder of an installed package `webgpu`)',
    async () => {
      const { create, globals } = await import(join(resolve(dawn!), 'index.js'));
      Object.assign(globalThis, globals);
      const gpu: GPU = create([]);
      // Where the collector takes it, the process dies.
      Object.assign(globalThis, { heldForDawn: gpu });
      const adapter = (await gpu.requestAdapter())!;
      expect(adapter.info.description).toContain('llvmpipe');
      const device = await adapter.requestDevice();
      const memory = await WebGpuMemory.open(device, { Tensor } as never);
      expect(memory.selects).toBe(true);
      for (const type of ['float32', 'float16'] as const) {
        for (const { kind, length, found, expected } of await highestOn(memory, rowsOf(type), type)) {
          expect(found, `${kind} ${length} ${type}`).toEqual(expected);
        }
      }
      device.destroy();
    },
  );

  const noLlm = hasShared ? 'E2P_LAVAPIPE_LLM=1 runs it' : 'needs ../shared';
  const half = join(process.env.E2P_EXPORTS ?? '', 'genai-q4f16');
  for (const [dtype, folder, most, how] of [
    ['q4', sharedPath('models/smollm2-135m-instruct'), MOST.q4, noLlm],
    // Thirty layers of halves: 0.011 apart, and the same tokens.
    ['q4f16', half, 2e-2, `${noLlm}, with E2P_EXPORTS, as in real-llm-exports.test.ts`],
  ] as const) {
    const isThere = hasShared && existsSync(folder) && process.env.E2P_LAVAPIPE_LLM !== undefined;
    it.skipIf(!isThere)(`SmolLM2-135M-Instruct, ${dtype}: the same (otherwise skipped: ${how})`, async () => {
      const found = await compare(createFolderSource(folder), [dtype], FEW);
      expectNear(found, most);
      for (const { way, same } of found) expect(same, way).toBe(1);
    });
  }
});

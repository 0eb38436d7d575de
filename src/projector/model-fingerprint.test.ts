/** One model in several exports and precisions, and fine-tunes of it: who is taken for whom. */
import { beforeAll, describe, expect, it } from 'vitest';
import { exportGraph } from '../../tools/llama/export-graph.ts';
import { initWeights } from '../../tools/llama/init-weights.ts';
import { EMBEDDING, type LlamaConfig, type LlamaWeights } from '../../tools/llama/llama-config.ts';
import { type BaseModel, loadBaseModel } from '../model/base-model.ts';
import { toFloat16 } from '../onnx/float16.ts';
import { writeOnnx } from '../onnx/onnx-file.ts';
import { DataType, type OnnxModel } from '../onnx/onnx-model.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { createFolderSource } from '../storage/folder-source.ts';
import { hasShared, sharedNote, sharedPath } from '../testing/shared.ts';
import { torchLlama } from '../testing/zoo/torch-llama.ts';
import { sourceOf, zooFolder } from '../testing/zoo/zoo-folder.ts';
import { seeded } from '../testing/zoo/zoo-weights.ts';
import { checkContract } from './check-contract.ts';
import type { ProjectorContract } from './contract.ts';
import { parseContract } from './contract.ts';
import { compareFingerprint, fingerprintOf, matchFingerprint } from './model-fingerprint.ts';

const runtime = createNodeRuntime();
const config: LlamaConfig = {
  ...{ vocabSize: 200, hiddenSize: 96, intermediateSize: 96, layers: 2, heads: 6, kvHeads: 2, headDim: 16 },
  ...{ maxPositions: 64, rmsEpsilon: 1e-5, ropeTheta: 10_000 },
};
const isGain = (name: string) => name.includes('norm');
const base: LlamaWeights = moved(initWeights(config, seeded('weights')), isGain, 0.2);

/** Every number of some weights, by a part of their root mean square. */
function moved(weights: LlamaWeights, which: (name: string) => boolean, part: number): LlamaWeights {
  const random = seeded('tune');
  return new Map(
    [...weights].map(([name, values]) => {
      if (!which(name)) return [name, values];
      const rms = Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);
      // Uniform, of deviation 1.
      return [name, values.map((v) => v + part * rms * Math.sqrt(12) * (random() - 0.5))];
    }),
  );
}

const EXPORTS: Readonly<Record<string, (weights: LlamaWeights) => OnnxModel>> = {
  fp32: (weights) => exportGraph({ config, weights, dtype: 'fp32' }),
  q4: (weights) => exportGraph({ config, weights, dtype: 'q4' }),
  'written out, fp32': (weights) => torchLlama(config, weights),
  'written out, weights in fp16': (weights) => halfWeights(torchLlama(config, weights)),
};

/** Weights in float16 behind a cast. */
function halfWeights({ graph, ...model }: OnnxModel): OnnxModel {
  const large = graph.initializers.filter((t) => t.dataType === DataType.float32 && t.rawData!.length > 300);
  const names = new Map(large.map(({ name }) => [name, `${name}/half`]));
  const initializers = graph.initializers.map((t) => {
    const name = names.get(t.name);
    if (name === undefined) return t;
    const halves = toFloat16(new Float32Array(Uint8Array.from(t.rawData!).buffer));
    return { ...t, name, dataType: DataType.float16, rawData: new Uint8Array(halves.buffer) };
  });
  const casts = [...names].map(([name, half]) => ({
    ...{ opType: 'Cast', domain: '', name: `${name}/cast`, inputs: [half], outputs: [name] },
    attributes: [{ name: 'to', type: 2, i: DataType.float32, ints: [], strings: [], graphs: [] }],
  }));
  return { ...model, graph: { ...graph, initializers, nodes: [...casts, ...graph.nodes] } };
}

const loaded = new Map<string, Promise<BaseModel>>();
/** An export of the base model, or of one made of it. */
function load(kind: string, weights = base): Promise<BaseModel> {
  if (weights !== base) return loadExport(kind, weights);
  const model = loaded.get(kind) ?? loadExport(kind, base);
  loaded.set(kind, model);
  return model;
}

async function loadExport(kind: string, weights: LlamaWeights): Promise<BaseModel> {
  const bytes = writeOnnx(EXPORTS[kind]!(weights));
  const files = new Map([
    ...zooFolder({ name: 'any' }, { config: { hidden_size: config.hiddenSize } }),
    [`onnx/model${kind === 'q4' ? '_q4' : ''}.onnx`, bytes] as const,
  ]);
  return loadBaseModel({ source: sourceOf(files, kind), dtypes: [kind === 'q4' ? 'q4' : 'fp32'] });
}

const ALL = Object.keys(EXPORTS);
const PAIRS = ALL.flatMap((a) => ALL.map((b) => [a, b] as const));

describe('the fingerprint of a model', () => {
  it.each(PAIRS)('%s, found again as %s: every number is where precision has it', async (from, to) => {
    const fingerprint = await fingerprintOf(await load(from), runtime);
    const tallies = await compareFingerprint(fingerprint, await load(to), runtime);
    expect(tallies.map(({ part, beyond }) => [part, beyond])).toEqual([
      ['token embeddings', 0],
      ['norm gains', 0],
      ['layer weights', 0],
    ]);
    for (const { compared } of tallies) expect(compared).toBeGreaterThan(200);
  });

  const TUNES = [
    ['the table by 1 %', 'token embeddings', (n: string) => n === EMBEDDING, 0.01],
    ['gains by 0.5 %', 'norm gains', isGain, 0.005],
    [
      'products only, by 2 %, as merged adapters do',
      'layer weights',
      (n: string) => n.includes('proj'),
      0.02,
    ],
  ] as const;
  const COMBINATIONS = TUNES.flatMap((tune) => ALL.map((to) => [...tune, to] as const));

  it.each(COMBINATIONS)('%s: the %s tell (%#)', async (_, part, which, by, to) => {
    const fingerprint = await fingerprintOf(await load('fp32'), runtime);
    const other = await load(to, moved(base, which, by));
    expect(await matchFingerprint(fingerprint, other, runtime)).toMatchObject({ part });
    expect(await matchFingerprint(fingerprint, await load(to), runtime)).toBeUndefined();
  });

  it('a few percent of the rows moved are seen, and what is below 4 bits is not', async () => {
    const rows = new Map(base);
    const table = rows.get(EMBEDDING)!.slice();
    for (let id = 0; id < 200; id += 20) for (let i = 0; i < 96; i++) table[id * 96 + i]! *= 1.3;
    rows.set(EMBEDDING, table);
    const floats = await fingerprintOf(await load('fp32'), runtime);
    for (const to of ALL) expect(await matchFingerprint(floats, await load(to, rows), runtime)).toBeDefined();
    const bits = await fingerprintOf(await load('q4'), runtime);
    const slight = await load(
      'q4',
      moved(base, (n) => !isGain(n), 0.001),
    );
    expect(await matchFingerprint(bits, slight, runtime)).toBeUndefined();
  });

  it('looks at no row that is hardly ever used', async () => {
    const unused = new Map(base);
    unused.set(
      EMBEDDING,
      base.get(EMBEDDING)!.map((v, i) => (i < 96 * 20 ? v / 50 : v)),
    );
    const { ids } = await fingerprintOf(await load('fp32', unused), runtime);
    expect(ids.length).toBe(128);
    expect(Math.min(...ids)).toBeGreaterThanOrEqual(20);
  });
});

describe('a contract with a fingerprint', () => {
  let contract: ProjectorContract;
  beforeAll(async () => {
    const model = await load('fp32');
    const { hiddenSize, vocabularySize } = model.facts;
    contract = {
      version: 2,
      model: {
        ...{ id: 'base', hiddenSize, vocabularySize, dtype: model.dtype },
        tableSha256: await model.tableSha256(),
      },
      space: { id: 's', dim: 1, mean: [0], scale: [1] },
      ...{ tokens: 1, vectors: 1, slot: 'after-bos', scaleSide: 'postScale', outputRms: 1 },
      fingerprint: await fingerprintOf(model, runtime),
    };
  });
  const check = async (to: string, weights?: LlamaWeights, of = contract) =>
    checkContract(of, await load(to, weights), runtime, 'p.safetensors');

  it('takes the same model in another precision, and in another file of the same one', async () => {
    for (const to of ALL) await expect(check(to)).resolves.toBeUndefined();
  });

  it('refuses another fine-tune, naming what was expected and found', async () => {
    const tuned = moved(base, (name) => name.includes('proj'), 0.03);
    await expect(check('q4', tuned)).rejects.toMatchObject({ code: 'contract-mismatch' });
    await expect(check('q4', tuned)).rejects.toThrow(
      /^p\.safetensors was trained for base with layer weights of which at most 0\.3 % .*; q4 has \d+ of \d+ that do/,
    );
    // Its table is the same, byte for byte.
    await expect(check('fp32', tuned)).rejects.toThrow('layer weights');
  });

  it('of a copy that was quantised twice: the published weights are taken by their gains, another fine-tune is not', async () => {
    // 4 bits of 4 bits lie farther from the weights than one quantisation explains.
    const copy = moved(base, (name) => !isGain(name), 0.1);
    const plain = { ...contract, fingerprint: await fingerprintOf(await load('q4', copy), runtime) };
    await expect(check('fp32', base, plain)).rejects.toMatchObject({ code: 'contract-mismatch' });
    const fingerprint = await fingerprintOf(await load('q4', copy), runtime, { requantised: true });
    const marked = { ...contract, fingerprint };
    for (const to of ALL) await expect(check(to, base, marked)).resolves.toBeUndefined();
    await expect(check('q4', moved(base, isGain, 0.01), marked)).rejects.toThrow('norm gains');
    expect(parseContract(JSON.stringify(marked), 'p')).toEqual(marked);
  });

  it('of version 1, without a fingerprint: the table counts in its own precision, else sizes only', async () => {
    const { fingerprint: _, ...old } = { ...contract, version: 1 as const };
    const tuned = moved(base, (name) => name === EMBEDDING, 0.03);
    await expect(check('fp32', base, old)).resolves.toBeUndefined();
    await expect(check('fp32', tuned, old)).rejects.toThrow('an embedding table of SHA-256');
    await expect(check('q4', tuned, old)).resolves.toBeUndefined();
  });

  it('that is broken is refused with the field', () => {
    const { fingerprint } = contract;
    const parse = (change: object) => () =>
      parseContract(
        JSON.stringify({ ...contract, fingerprint: { ...fingerprint, ...change } }),
        'p.safetensors',
      );
    expect(parse({})().fingerprint).toEqual(fingerprint);
    const [first, ...more] = fingerprint!.products;
    for (const [field, change] of [
      ['ids', { ids: [...fingerprint!.ids, 200] }],
      ['embeddings', { embeddings: { values: 'AAAA' } }],
      ['embeddings', { embeddings: { ...fingerprint!.embeddings, steps: 'AAA=' } }],
      ['gains', { gains: { values: '<script>' } }],
      ['gains', { gains: undefined }],
      ['productGroups', { productGroups: -1 }],
      ['products', { products: [{ ...first, place: 99 }, ...more] }],
    ] as const) {
      expect(parse(change)).toThrow(`p.safetensors: contract field fingerprint.${field}`);
      expect(parse(change)).toThrow(expect.objectContaining({ code: 'invalid-projector' }));
    }
    const text = JSON.stringify({ ...contract, fingerprint: 'x' });
    expect(() => parseContract(text, 'p')).toThrow('contract field fingerprint is "x", expected an object');
  });
});

describe.skipIf(!hasShared)(`the fingerprint of a real model${sharedNote}`, () => {
  const real = (folder: string, dtype: 'fp32' | 'q4') =>
    loadBaseModel({ source: createFolderSource(sharedPath(`models/${folder}`)), dtypes: [dtype] });

  it('stories260k: every export is the same model', async () => {
    const fingerprint = await fingerprintOf(await real('stories260k', 'fp32'), runtime);
    for (const [folder, dtype] of [
      ['stories260k', 'q4'],
      ['stories260k-q4-gather', 'q4'],
      ['stories260k-external', 'fp32'],
      // Its heads are half as wide, so of its layers only the last product is compared.
      ['stories260k-position-ids', 'fp32'],
    ] as const) {
      const tallies = await compareFingerprint(fingerprint, await real(folder, dtype), runtime);
      expect(tallies.map(({ beyond }) => beyond)).toEqual([0, 0, 0]);
    }
  });

  it('SmolLM2: all parts of 8-bit table and 4-bit layers, in some 60 KB', async () => {
    const model = await real('smollm2-135m-instruct', 'q4');
    const fingerprint = await fingerprintOf(model, runtime);
    expect(JSON.stringify(fingerprint).length).toBeLessThan(60_000);
    const tallies = await compareFingerprint(fingerprint, model, runtime);
    expect(tallies.map(({ beyond }) => beyond)).toEqual([0, 0, 0]);
    expect(tallies.map(({ compared }) => compared).every((count) => count > 1000)).toBe(true);
  });
});

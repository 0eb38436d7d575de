/** A load has one total: it is told before the files are here, never changes, and is what came; whatever the server tells of them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Personalizer } from '../node.ts';
import { writeOnnx } from '../onnx/onnx-file.ts';
import type { FetchProgress, FileSource } from '../storage/file-source.ts';
import type { LoadProgress } from '../storage/load-progress.ts';
import { createProgressMeter, type TotalProgress } from '../storage/total-progress.ts';
import { withUrlFolder } from '../storage/url-source.ts';
import { createMemoryStore } from '../storage/weight-store.ts';
import { type FaultServer, manifestOf, startFaultServer } from '../testing/fault-server.ts';
import { startHubServer } from '../testing/hub-server.ts';
import { buildZoo } from '../testing/zoo/zoo-decoder.ts';
import { type Files, spread, zooFolder } from '../testing/zoo/zoo-folder.ts';
import { loadBaseModel } from './base-model.ts';
import { hubUrl } from './hub.ts';
import { planModel } from './plan-files.ts';

let server: FaultServer;
beforeAll(async () => {
  server = await startFaultServer();
});
afterAll(() => server.close());
beforeEach(() => {
  server.reset();
  server.files.clear();
});

const whole = zooFolder({ name: 'genai' });

function withWeightsBeside(): Files {
  const files = new Map(whole);
  const [graph, ...parts] = spread(buildZoo({ name: 'genai' }).model, 2);
  files.set('onnx/model.onnx', writeOnnx(graph));
  return files.set('onnx/model.onnx_data', parts[0]!).set('onnx/model.onnx_data_1', parts[1]!);
}

function withLookupBeside(): Files {
  const files = new Map(whole);
  files.delete('onnx/model.onnx');
  const decoder = buildZoo({ name: 'genai', embedding: 'input' }).model;
  const lookup = buildZoo({ name: 'genai' }, 'lookup').model;
  return files
    .set('onnx/decoder_model_merged.onnx', writeOnnx(decoder))
    .set('onnx/embed_tokens.onnx', writeOnnx(lookup))
    .set('chat_template.jinja', new TextEncoder().encode('{{ messages[0].content }}'));
}

/** What was told of a load. */
async function progressOf(url: string, store = createMemoryStore(), signal?: AbortSignal) {
  const told: TotalProgress[] = [];
  const meter = createProgressMeter<FetchProgress>(['model'], ({ all }) => told.push(all));
  const read = { onProgress: meter.add, ...(signal && { signal }) };
  await withUrlFolder({ url, store, network: { sleep: async () => undefined }, ...read }, async (source) => {
    const planned = planModel(source, ['q4', 'fp32'], read);
    await Promise.all([
      loadBaseModel({ source, dtypes: ['q4', 'fp32'], ...read }),
      planned.then((plan) => meter.plan('model', plan?.files)),
    ]);
  });
  return told;
}

/** @param files that a load reads */
function expectOneTotal(told: readonly TotalProgress[], files: Files) {
  const bytes = [...files.values()].reduce((sum, { length }) => sum + length, 0);
  const totals = told.map(({ total }) => total);
  const first = totals.findIndex((total) => total !== undefined);
  expect(first).toBeGreaterThanOrEqual(0);
  expect(new Set(totals.slice(first))).toEqual(new Set([bytes]));
  const loaded = told.map((all) => all.loaded);
  expect(loaded).toEqual(loaded.toSorted((a, b) => a - b));
  expect(loaded.at(-1)).toBe(bytes);
}

const folders = { whole, 'weights beside': withWeightsBeside(), 'lookup beside': withLookupBeside() };

describe.each(Object.entries(folders))('%s', (_, files) => {
  const put = () => {
    for (const [path, bytes] of files) server.files.set(`/m/${path}`, bytes);
  };

  it('behind a server that tells nothing of the folder, and from what is stored', async () => {
    put();
    const store = createMemoryStore();
    expectOneTotal(await progressOf(`${server.url}/m/`, store), files);
    expectOneTotal(await progressOf(`${server.url}/m/`, store), files);
  });

  it('with a manifest, which lists more than is read', async () => {
    put();
    const more: Record<string, Uint8Array<ArrayBuffer>> = {
      ...(Object.fromEntries(files) as Record<string, Uint8Array<ArrayBuffer>>),
      'onnx/model_int8.onnx': new Uint8Array(99),
    };
    server.files.set('/m/e2p-manifest.json', await manifestOf(more, 64 * 1024));
    const store = createMemoryStore();
    expectOneTotal(await progressOf(`${server.url}/m/`, store), files);
    expectOneTotal(await progressOf(`${server.url}/m/`, store), files);
  });

  it('on the Hub', async () => {
    await using hub = await startHubServer({ repositories: new Map([['a/b/main', files]]) });
    expectOneTotal(await progressOf(hubUrl('a/b', { host: hub.url })), files);
  });
});

describe('a server', () => {
  const url = () => `${server.url}/m/`;
  beforeEach(() => {
    for (const [path, bytes] of whole) server.files.set(`/m/${path}`, bytes);
  });

  it('that knows no HEAD is asked for a byte', async () => {
    server.fault = (method) => (method === 'HEAD' ? { status: 405 } : undefined);
    expectOneTotal(await progressOf(url()), whole);
  });

  it('that breaks off: what is fetched again does not count twice', async () => {
    server.fault = (method, path, n) =>
      method === 'GET' && path.endsWith('.onnx') && n < 2 ? { cutAfter: 40_000 } : undefined;
    expectOneTotal(await progressOf(url()), whole);
  });

  it('that tells a wrong length: there is no total any more, and none that grows', async () => {
    server.fault = (method, path) =>
      method === 'HEAD' && path.endsWith('model.onnx') ? { claimLength: 5 } : undefined;
    const told = await progressOf(url());
    expect(told.at(-1)!.total).toBeUndefined();
  });

  it('that tells no length at all: there is none', async () => {
    server.fault = (method) => (method === 'HEAD' ? { status: 500 } : undefined);
    const told = await progressOf(url());
    expect(told.every(({ total }) => total === undefined)).toBe(true);
  });
});

it('believes names where a graph is too large to be waited for', async () => {
  const large = 40 * 2 ** 20;
  const sizes: Readonly<Record<string, number>> = {
    'onnx/decoder_model_merged_q4.onnx': large,
    'onnx/decoder_model_merged_q4.onnx_data': 7,
    'onnx/decoder_model_merged_q4.onnx_data_1': 8,
    'onnx/embed_tokens_q4.onnx': large,
    'onnx/embed_tokens_q4.onnx_data': 9,
    'onnx/embed_tokens.onnx': 10,
    'onnx/vision_encoder_q4.onnx': 11,
  };
  const source: FileSource = {
    name: 'large',
    list: async () => [...whole.keys(), ...Object.keys(sizes)],
    size: async (path) => sizes[path] ?? whole.get(path)?.length ?? 'absent',
    head: async () => new TextEncoder().encode('…GatherBlockQuantized…'),
    read: async (path) => whole.get(path),
  };
  const plan = await planModel(source, ['q4'], {});
  const graphs = [...plan!.files.keys()].filter((path) => path.startsWith('onnx/'));
  expect(graphs).toEqual(Object.keys(sizes).slice(0, 5));
  expect(plan).toMatchObject({ dtype: 'q4', operators: ['com.microsoft.GatherBlockQuantized'] });
});

it('is the same in Node, where the device and the graph follow', async () => {
  const told: LoadProgress[] = [];
  const model = fileURLToPath(new URL('../../public/models/e2p-tiny', import.meta.url));
  await using _ = await Personalizer.create({ model, onProgress: (progress) => told.push(progress) });
  const bytes = told.flatMap((progress) => ('all' in progress ? progress.all : []));
  const names = ['config.json', 'generation_config.json', 'tokenizer.json', 'tokenizer_config.json'];
  const files = [...names, 'onnx/model_q4.onnx'].map(
    (path) => [path, readFileSync(join(model, path))] as const,
  );
  expectOneTotal(bytes, new Map(files));
  expect([...new Set(told.map(({ stage }) => stage))]).toEqual(['file', 'device', 'graph']);
});

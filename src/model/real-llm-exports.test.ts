/**
 * The real LLM, and with `E2P_EXPORTS` in every usual export, in folders below that (`../shared/models/make/make-real.sh OUT exports` leaves them in OUT/exports):
 * greedy ids after a prompt in pieces, with a cache and with soft tokens that are tokens' own embeddings, are those of onnxruntime on the file as it is.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Decoder } from '../generate/decoder.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { createFolderSource } from '../storage/folder-source.ts';
import { PlainModel } from '../testing/exports/plain-model.ts';
import { hasShared, sharedNote, sharedPath } from '../testing/shared.ts';
import { type BaseModel, loadBaseModel } from './base-model.ts';
import { findGraphs } from './graph-files.ts';
import { DTYPE_SUFFIX, type Dtype } from './model-config.ts';

const others = process.env.E2P_EXPORTS ?? '';
const runtime = createNodeRuntime();
const DTYPES = Object.keys(DTYPE_SUFFIX) as Dtype[];
const TOKENS = 24;
/** Tokens of the prompt that are read first. */
const CUT = 17;
const CHAT = [
  { role: 'user' as const, content: 'What could I do this weekend? I like gardens and old maps.' },
];

async function variants() {
  const found: { folder: string; dtype: Dtype }[] = [];
  const more = existsSync(others) ? readdirSync(others).sort() : [];
  for (const folder of [
    sharedPath('models/smollm2-135m-instruct'),
    ...more.map((name) => join(others, name)),
  ]) {
    for await (const { dtype } of findGraphs(createFolderSource(folder), DTYPES, {}))
      found.push({ folder, dtype });
  }
  return found;
}

interface Step {
  readonly id: number;
  /** How much larger its logit is than the next. */
  readonly lead: number;
}

function step(logits: Float32Array): Step {
  const [first, second] = Float32Array.from(logits).sort().slice(-2).reverse();
  return { id: logits.indexOf(first!), lead: first! - second! };
}

/** How far logits may lie from those of the file: half precision, and activations that are quantised by the largest of a run. */
const rounding = ({ activationType, operators }: BaseModel['facts']): number =>
  operators.includes('DynamicQuantizeLinear') ? 0.5 : activationType === 'float16' ? 0.05 : 0;

describe.skipIf(!hasShared)(`the real LLM${sharedNote}`, async () => {
  it.each(await variants())('$folder in $dtype gives the ids of the file itself', async ({
    folder,
    dtype,
  }) => {
    const source = createFolderSource(folder);
    const model = await loadBaseModel({ source, dtypes: [dtype] });
    const { columns } = model.facts.head;
    const prompt = model.codec.encode(model.codec.renderChat(CHAT));
    const plain = await PlainModel.open(source, runtime, model, { dtypes: [dtype] });
    const expected: Step[] = [];
    await plain.read(prompt.slice(0, CUT));
    for (let read = prompt.slice(CUT); expected.length < TOKENS; read = [expected.at(-1)!.id]) {
      expected.push(step((await plain.read(read)).slice(-columns)));
    }
    await plain.release();
    // Where two tokens are as likely but for rounding, either may come.
    const leads = (lead: number) => lead > rounding(model.facts);
    expect(expected.filter(({ lead }) => leads(lead)).length).toBeGreaterThan(TOKENS / 2);

    const decoder = await Decoder.create(model, runtime);
    const places = [5, 6, prompt.length - 3];
    const vectors = await model.tokenEmbeddings(
      runtime,
      places.map((at) => prompt[at]!),
    );
    const { hiddenSize } = model.facts;
    const soft = new Map(places.map((at, i) => [at, vectors.subarray(i * hiddenSize, (i + 1) * hiddenSize)]));
    for (const given of [undefined, soft]) {
      const ids = prompt.map((id, at) => (given?.has(at) ? 0 : id));
      const within = (from: number, to: number) =>
        new Map([...(given ?? [])].filter(([at]) => at >= from && at < to).map(([at, v]) => [at - from, v]));
      const first = { ids: ids.slice(0, CUT), soft: within(0, CUT) };
      const begun = await decoder.read(decoder.emptyCache(), first);
      const second = { ids: ids.slice(CUT), soft: within(CUT, ids.length) };
      let { cache, logits } = await decoder.read(begun.cache, second);
      for (const { id, lead } of expected) {
        if (leads(lead)) expect(step(logits).id).toBe(id);
        ({ cache, logits } = await decoder.read(cache, { ids: [id] }));
      }
    }
    await decoder.release();
  }, 120_000);
});

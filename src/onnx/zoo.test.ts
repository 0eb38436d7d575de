/** Every style of export in the zoo, rewritten and run: a soft token is a token embedding, no more and no less. */
import { describe, expect, it } from 'vitest';
import { E2PError } from '../error.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { createWasmRuntime } from '../runtime/web-runtime.ts';
import { MUTATIONS, shuffled } from '../testing/zoo/mutate.ts';
import { ZOO } from '../testing/zoo/zoo.ts';
import { buildZoo } from '../testing/zoo/zoo-decoder.ts';
import {
  embeddingTable,
  handFedReader,
  largestDifference,
  plainReader,
  softReader,
  someVector,
} from '../testing/zoo/zoo-run.ts';
import { H, V, type ZooStyle } from '../testing/zoo/zoo-style.ts';
import { seeded } from '../testing/zoo/zoo-weights.ts';
import { makeAttribute, makeNode, makeValueInfo } from './builder.ts';
import { inspectGraph } from './inspect/inspect-graph.ts';
import { embeddingsInput, joinEmbeddings } from './join-embeddings.ts';
import type { OnnxGraph, OnnxModel } from './onnx-model.ts';
import { personaliseGraph } from './personalise-graph.ts';
import { splitEmbedLayerNorm } from './split-embed-layer-norm.ts';

const runtime = createNodeRuntime();
const wasm = createWasmRuntime('a test');

describe.each(ZOO)('$name', (style) => {
  const zoo = buildZoo(style);
  const tolerance = style.float === 'float16' ? 0.02 : 1e-5;

  it('is understood: sizes, roles of the inputs, cache', () => {
    const facts = inspectGraph(splitEmbedLayerNorm(zoo.model));
    expect(facts).toMatchObject({
      hiddenSize: H,
      vocabularySize: V,
      ids: zoo.ids,
      activationType: zoo.float,
    });
    expect(facts.embedding.scale).toBeCloseTo(zoo.scale, 2);
    expect(facts.attentionMask?.name).toBe('attention_mask');
    expect(facts.positionIds?.name).toBe(zoo.positionIds ? 'position_ids' : undefined);
    expect(facts.logitCount?.name).toBe(zoo.logitCount ? 'num_logits_to_keep' : undefined);
    const found = facts.cache.map(({ past, present, dims, batchAxis, lengthAxis }) => ({
      past,
      present,
      dims: dims.map((d, axis) => (axis === batchAxis ? 7 : axis === lengthAxis ? 5 : d)),
    }));
    const byName = (a: { past: string }, b: { past: string }) => a.past.localeCompare(b.past);
    const expected = zoo.cache.map(({ past, present, dims }) => ({ past, present, dims: dims(7, 5) }));
    expect(found.sort(byName)).toEqual(expected.sort(byName));
  });

  it('runs as before where no soft token stands', async () => {
    const pieces = [{ ids: [3, 1, 4, 1, 5] }, { ids: [9, 2] }, { ids: [6] }];
    const [plain, soft] = [await plainReader(zoo, runtime), await softReader(zoo, runtime)];
    expect(largestDifference(await soft(pieces), await plain(pieces))).toBeLessThanOrEqual(tolerance);
  });

  it('reads a beginning without logits, unless its head is flat or rounds what it is given', async () => {
    const { mayWantNone } = personaliseGraph(zoo.model).inputs;
    expect(mayWantNone).toBe(!/int8|flat/.test(style.name));
    // WASM has float16 for lookups only.
    const runtimes = zoo.float === 'float16' ? [runtime] : [runtime, await wasm];
    for (const each of mayWantNone ? runtimes : []) {
      const soft = await softReader(zoo, each);
      const rest = [{ ids: [9, 2] }, { ids: [6] }];
      const [none, ...found] = await soft([{ ids: [3, 1, 4, 1, 5], isSilent: true }, ...rest]);
      expect(none).toHaveLength(0);
      expect(found).toEqual((await soft([{ ids: [3, 1, 4, 1, 5] }, ...rest])).slice(1));
    }
  });

  it("a token's own embedding as a soft token is that token", async () => {
    const table = await embeddingTable(style, runtime);
    const own = (id: number) => table.slice(id * H, (id + 1) * H);
    const [plain, soft] = [await plainReader(zoo, runtime), await softReader(zoo, runtime)];
    const byId = await plain([{ ids: [3, 17, 4, 30, 5] }, { ids: [39, 2] }]);
    const bySoft = await soft([
      {
        ids: [3, 0, 4, 0, 5],
        soft: new Map([
          [1, own(17)],
          [3, own(30)],
        ]),
      },
      { ids: [0, 2], soft: new Map([[0, own(39)]]) },
    ]);
    expect(largestDifference(bySoft, byId)).toBeLessThanOrEqual(tolerance);
  });

  it('any vector as a soft token is that vector fed by hand, and changes the logits', async () => {
    const table = await embeddingTable(style, runtime);
    const [hand, soft] = [await handFedReader(style, runtime, table), await softReader(zoo, runtime)];
    const pieces = [
      {
        ids: [3, 0, 0, 8, 5],
        soft: new Map([
          [1, someVector('a')],
          [2, someVector('b')],
        ]),
      },
      { ids: [11, 0], soft: new Map([[1, someVector('c')]]) },
      { ids: [7] },
    ];
    const found = await soft(pieces);
    expect(largestDifference(found, await hand(pieces))).toBeLessThanOrEqual(tolerance);
    const without = await soft(pieces.map(({ ids }) => ({ ids })));
    expect(largestDifference(found, without)).toBeGreaterThan(10 * tolerance);
  });
});

describe('lengths', () => {
  it.each(ZOO.filter((s) => s.attention === 'gqa'))('$name: are fed, and no node computes them', (style) => {
    const { model, inputs } = personaliseGraph(buildZoo(style).model);
    expect(inputs).toMatchObject({
      lengths: { rows: 'row_lengths', total: 'total_length' },
      needsMask: false,
    });
    expect(model.graph.nodes.filter((n) => ['Shape', 'ReduceSum'].includes(n.opType))).toEqual([]);
    expect(model.graph.inputs.map((i) => i.name)).not.toContain('attention_mask');
  });

  it('computed in another way stay as they are', () => {
    const { model } = buildZoo({ name: 'genai', attention: 'gqa' });
    const nodes = model.graph.nodes.map((n) => (n.opType === 'Sub' ? { ...n, opType: 'Add' } : n));
    const other = personaliseGraph({ ...model, graph: { ...model.graph, nodes } });
    expect(other.inputs).toMatchObject({ lengths: undefined, needsMask: true });
  });
});

describe('graphs as another version of an exporter would write them', () => {
  const pieces = [{ ids: [3, 0, 4, 1, 5], soft: new Map([[1, someVector('a')]]) }, { ids: [9, 2] }];

  it.each(ZOO)('$name: found again and computed the same, whatever is changed', async (style) => {
    const zoo = buildZoo(style);
    const expected = await (await softReader(zoo, runtime))(pieces);
    const tolerance = style.float === 'float16' ? 0.02 : 1e-5;
    for (const [name, mutate] of Object.entries(MUTATIONS)) {
      const model = mutate(zoo.model, seeded(`${style.name} ${name}`));
      const found = await (await softReader({ ...zoo, model }, runtime))(pieces);
      expect([name, largestDifference(found, expected) <= tolerance]).toEqual([name, true]);
    }
  });

  it('several changes at once are found and computed the same, or refused; never silently wrong', async () => {
    const random = seeded('several changes');
    let refused = 0;
    for (let i = 0; i < 60; i++) {
      const style = ZOO[Math.floor(random() * ZOO.length)]!;
      const zoo = buildZoo(style);
      const expected = await (await softReader(zoo, runtime))(pieces);
      const chosen = shuffled(Object.values(MUTATIONS), random).slice(0, 4);
      const model = chosen.reduce((changed, mutate) => mutate(changed, random), zoo.model);
      try {
        const found = await (await softReader({ ...zoo, model }, runtime))(pieces);
        expect(largestDifference(found, expected)).toBeLessThanOrEqual(
          style.float === 'float16' ? 0.02 : 1e-5,
        );
      } catch (error) {
        expect(error).toMatchObject({ code: 'unsupported-graph' });
        refused++;
      }
    }
    expect(refused).toBeLessThan(3);
  });
});

describe('an export that takes inputs_embeds, with its lookup in a second file', () => {
  const style: ZooStyle = { name: 'embeds', attention: 'decomposed', norm: 'decomposed', positions: 'ids' };
  const decoder = buildZoo({ ...style, embedding: 'input' });
  const lookup = buildZoo({ ...style, scale: 5.5 }, 'lookup');

  it('is joined to one graph that computes the same as one file', async () => {
    expect(embeddingsInput(decoder.model)?.name).toBe('inputs_embeds');
    const model = joinEmbeddings(decoder.model, lookup.model, 'embed_tokens.onnx');
    const whole = buildZoo({ ...style, scale: 5.5 });
    const pieces = [{ ids: [3, 0, 4, 1, 5], soft: new Map([[1, someVector('a')]]) }, { ids: [9, 2] }];
    const [joined, single] = [
      await softReader({ ...whole, model }, runtime),
      await softReader(whole, runtime),
    ];
    expect(largestDifference(await joined(pieces), await single(pieces))).toBeLessThanOrEqual(1e-5);
    expect(inspectGraph(model).embedding.scale).toBe(5.5);
  });

  it('is refused where the two do not fit', () => {
    const half = buildZoo({ ...style, float: 'float16' }, 'lookup').model;
    const join = () => joinEmbeddings(decoder.model, half, 'embed_tokens.onnx');
    expect(join).toThrow('embed_tokens.onnx: gives float16 embeddings, the decoder takes float32');
    expect(embeddingsInput(buildZoo(style).model)).toBeUndefined();
  });
});

/** The decoder as the branch of an `If` that a flag chooses, as in merged exports; `other` makes the other branch of it. */
function inBranches(model: OnnxModel, other: (graph: OnnxGraph) => OnnxGraph): OnnxModel {
  const { graph, ...rest } = model;
  const inner = { ...graph, inputs: [], initializers: graph.initializers.slice(1) };
  const branch = (name: string, g: OnnxGraph) => ({ ...makeAttribute(name, 0), type: 5, g });
  const node = makeNode(
    'If',
    ['use_cache_branch'],
    graph.outputs.map((o) => o.name),
  );
  return {
    ...rest,
    graph: {
      ...graph,
      nodes: [{ ...node, attributes: [branch('then_branch', inner), branch('else_branch', other(inner))] }],
      inputs: [...graph.inputs, makeValueInfo('use_cache_branch', 'bool', [1])],
      initializers: graph.initializers.slice(0, 1),
    },
  };
}

describe('a decoder that is there twice, with a past and without (merged exports)', () => {
  it('is the one with a past, from the first token on', async () => {
    const zoo = buildZoo({ name: 'plain', attention: 'decomposed', constantNodes: true });
    const pasts = new Set(zoo.cache.map(({ past }) => past));
    const merged = inBranches(zoo.model, (graph) => ({
      ...graph,
      nodes: graph.nodes.map((n) => ({ ...n, inputs: n.inputs.map((i) => (pasts.has(i) ? 'nothing' : i)) })),
    }));
    const pieces = [{ ids: [3, 0, 4, 1, 5], soft: new Map([[1, someVector('a')]]) }, { ids: [9, 2] }];
    const [taken, plain] = [
      await softReader({ ...zoo, model: merged }, runtime),
      await softReader(zoo, runtime),
    ];
    expect(largestDifference(await taken(pieces), await plain(pieces))).toBe(0);
  });
});

describe('what is refused', () => {
  it('bnb4, with the reason and a way out', () => {
    const { model } = buildZoo({ name: 'bnb4', weights: 'bnb4' });
    expect(() => personaliseGraph(model)).toThrow(/bnb4.*take q4 instead/);
    expect(() => personaliseGraph(model)).toThrow(E2PError);
  });

  it('a decoder inside identical branches: the one that continues generation cannot be determined', () => {
    const zoo = buildZoo({ name: 'plain' });
    const alike = inBranches(zoo.model, (graph) => graph);
    expect(() => personaliseGraph(alike)).toThrow(/lies inside If; expected a plain graph/);
  });

  it('two embeddings per token: a soft token can stand in for one only', () => {
    const { graph, ...rest } = buildZoo({ name: 'plain', attention: 'decomposed' }).model;
    const table = graph.initializers.find((t) => t.name === 'table')!;
    const add = graph.nodes.find((n) => n.opType === 'Gather' && n.inputs[0] === 'table')!;
    const second = makeNode('Gather', ['per_layer', 'input_ids'], ['second']);
    const sum = makeNode('Add', ['first', 'second'], [add.outputs[0]!]);
    const nodes = graph.nodes.flatMap((n) =>
      n === add ? [{ ...add, outputs: ['first'] }, second, sum] : [n],
    );
    const initializers = [...graph.initializers, { ...table, name: 'per_layer' }];
    expect(() => personaliseGraph({ ...rest, graph: { ...graph, nodes, initializers } })).toThrow(
      /2 embedding lookups with a row per logit .*per_layer with 40 rows/,
    );
  });
});

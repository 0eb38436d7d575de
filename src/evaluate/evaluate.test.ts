/** Evaluation on the default model: its likelihoods against those of the engine that generates, and its verdicts on a made-up taste. */

import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Decoder } from '../generate/decoder.ts';
import { type BaseModel, loadBaseModel } from '../model/base-model.ts';
import { makeAttribute } from '../onnx/builder.ts';
import { readOnnx, writeOnnx } from '../onnx/onnx-file.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import type { FileSource } from '../storage/file-source.ts';
import { createFolderSource } from '../storage/folder-source.ts';
import { train } from '../train/train.ts';
import { type Example, readExamples, readUsers } from '../train/training-data.ts';
import { type TrainingModel, trainingModel } from '../train/training-model.ts';
import { CONDITIONS, conditionInput, conditionRow, shuffledPartners } from './conditions.ts';
import { evaluate } from './evaluate.ts';
import { findings } from './findings.ts';
import { scoreEndings } from './rank-targets.ts';
import { reportMarkdown, reportPage } from './report.ts';
import { type ScoredRow, scoreRows, sizeOf } from './score-rows.ts';

const folder = fileURLToPath(new URL('../../public/models/e2p-tiny', import.meta.url));
const model = await loadBaseModel({ source: createFolderSource(folder), dtypes: ['q4'] });
const runtime = createNodeRuntime();
/** The same model as genai's builder would write it: activations rounded to int8 on the CPU. */
const rounding = () => {
  const { name, read } = createFolderSource(folder);
  const level = makeAttribute('accuracy_level', 4);
  const changed = (bytes: Uint8Array) => {
    const { graph, ...rest } = readOnnx(bytes);
    const nodes = graph.nodes.map((node) =>
      node.opType === 'MatMulNBits'
        ? { ...node, attributes: [...node.attributes.filter((a) => a.name !== level.name), level] }
        : node,
    );
    return writeOnnx({ ...rest, graph: { ...graph, nodes } });
  };
  const source: FileSource = {
    name,
    read: async (path, options) => {
      const bytes = await read(path, options);
      return bytes && path.endsWith('.onnx') ? changed(bytes) : bytes;
    },
  };
  return loadBaseModel({ source, dtypes: ['q4'] });
};
const jsonLines = (values: readonly unknown[]) =>
  new TextEncoder().encode(values.map((v) => JSON.stringify(v)).join('\n'));

// The first number says what somebody likes; the last words differ, so that there are enough targets to choose from.
const likesDogs = (i: number) => i % 2 === 1;
const users = readUsers(
  jsonLines(
    Array.from({ length: 60 }, (_, i) => ({
      user: `u${i}`,
      embedding: [likesDogs(i) ? 1 : -1, Math.sin(i), Math.cos(2 * i)],
    })),
  ),
  'users.jsonl',
);
const all = readExamples(
  jsonLines(
    Array.from({ length: 180 }, (_, at) => {
      const i = at % 60;
      return {
        ...{ user: `u${i}`, prompt: 'What do I like?', persona: likesDogs(i) ? 'Dogs.' : 'The sea.' },
        target: `${likesDogs(i) ? 'Dogs in the park' : 'The sea at night'}, number ${at}`,
      };
    }),
  ),
  'data.jsonl',
  users,
);
const isTest = ({ user }: Example) => Number(user.slice(1)) >= 36;
const examples = all.filter(isTest);
const make = async (constant: boolean) =>
  (
    await train({
      ...{ model, runtime, users, examples: all.filter((e) => !isTest(e)), space: 's', constant },
      ...{ slot: 'after-bos', steps: 80, batch: 8, learningRate: 0.01, heldOut: 0 },
    })
  ).projector;
const [projector, constant] = [await make(false), await make(true)];
const report = await evaluate({
  ...{ model, runtime, projectors: [projector], constants: [constant], users, examples },
  conditions: CONDITIONS,
  ...{ ranked: 10, generated: 3, maxTokens: 8 },
});

const score = (of: BaseModel, rows: readonly ScoredRow[], batch: number) =>
  scoreRows(rows.map(sizeOf), (at) => rows[at]!, { model: of, runtime, batch, hiddenSize: 128 });

describe('scoring', () => {
  it('gives the likelihoods of the engine that generates', async () => {
    const ids = [...new Set(examples.map((e) => e.user))];
    const partners = shuffledPartners(ids, new Map(ids.map((id) => [id, id])), 1);
    const sources = {
      model,
      projector,
      constant,
      users,
      partners,
      personas: new Map(ids.map((u) => [u, 'Dogs.'])),
    };
    const rows = CONDITIONS.map((c, i) => conditionRow(c, examples[i]!, sources));
    const nats = await score(model, rows, 3);
    const decoder = await Decoder.create(model, runtime);
    for (const [r, row] of rows.entries()) {
      let expected = 0;
      const soft = new Map(row.softPositions.map((at, k) => [at, row.soft[k]!]));
      let step = await decoder.read(decoder.emptyCache(), { ids: row.ids.slice(0, row.targetFrom), soft });
      for (const id of row.ids.slice(row.targetFrom)) {
        const highest = Math.max(...step.logits);
        const sum = step.logits.reduce((s, v) => s + Math.exp(v - highest), 0);
        expected += highest + Math.log(sum) - step.logits[id]!;
        step = await decoder.read(step.cache, { ids: [id] });
      }
      expect(Math.abs(nats[r]! / expected - 1), CONDITIONS[r]).toBeLessThan(1e-4);
    }
    await decoder.release();
  });
});

it('makes the graph of a size once for all conditions, one at a time, and frees it', async () => {
  const made: string[] = [];
  let [open, most] = [0, 0];
  const training = trainingModel(model);
  const counted: BaseModel & TrainingModel = {
    ...model,
    ...training,
    createTrainingSession: async (on, sizes) => {
      made.push(`${sizes.length} ${sizes.targets}`);
      most = Math.max(most, ++open);
      const session = await training.createTrainingSession(on, sizes);
      const release = async () => {
        open--;
        await session.release();
      };
      const { inputNames, outputNames } = session;
      return { inputNames, outputNames, run: (feeds) => session.run(feeds), release };
    },
  };
  const long = examples.map((e, i) => ({ ...e, target: i % 3 ? e.target : `${e.target} ${e.target}` }));
  const conditions = ['none', 'mean', 'shuffled', 'true', 'text'] as const;
  await evaluate({
    ...{ model: counted, runtime, projectors: [projector], users, examples: long, conditions },
    ...{ ranked: 0, generated: 0 },
  });
  expect(new Set(made).size).toBeGreaterThan(1);
  expect(made).toHaveLength(new Set(made).size);
  expect([open, most]).toEqual([0, 1]);
});

describe('ranking', () => {
  it.each([
    'q4',
    'q4 with int8 activations',
  ])('reads a prompt once, and scores as whole rows are scored: %s', async (kind) => {
    const asked = kind === 'q4' ? model : await rounding();
    const ids = [...new Set(examples.map((e) => e.user))];
    const partners = shuffledPartners(ids, new Map(ids.map((id) => [id, id])), 1);
    const sources = { model: asked, projector, users, partners, personas: new Map<string, string>() };
    const [example] = examples;
    const targets = examples.slice(0, 5).map((e) => e.target);
    const rows = targets.map((target) => conditionRow('true', { ...example!, target }, sources));
    const whole = await score(asked, rows, 5);
    const prompt = conditionInput('true', example!, sources);
    const endings = rows.map((row) => row.ids.slice(row.targetFrom));
    const nats = async (exact: boolean) => {
      const decoder = await Decoder.create(asked, runtime, exact);
      const found = await scoreEndings(decoder, prompt, endings);
      await decoder.release();
      return found.map((perToken, i) => Math.abs(perToken - whole[i]! / endings[i]!.length));
    };
    expect(Math.max(...(await nats(true)))).toBeLessThan(1e-4);
    if (kind !== 'q4') expect(Math.max(...(await nats(false)))).toBeGreaterThan(1e-3);
  });
});

describe('an evaluation that can tell nothing', () => {
  const only = (users: number, group?: (i: number) => string) =>
    examples
      .filter((e) => Number(e.user.slice(1)) < 36 + users)
      .map((e) => ({ ...e, ...(group && { group: group(Number(e.user.slice(1)) - 36) }) }));
  const run = async (some: readonly Example[], more: object = {}) => {
    const found = await evaluate({
      ...{ model, runtime, projectors: [projector], users, examples: some },
      ...{ conditions: ['none', 'mean', 'shuffled', 'true'], ranked: 0, generated: 0, ...more },
    });
    return { found, said: findings(found), pages: [reportMarkdown(found), reportPage(found)] };
  };

  it.each([
    ['one user', only(1), 'user'],
    ['one group', only(6, () => 'all'), 'group'],
  ])('gives no verdict and no interval: %s', async (_, some, unit) => {
    const { found, said, pages } = await run(some);
    expect(found).toMatchObject({ groups: 1, notMeasured: ['shuffled'] });
    expect(found.conditions.shuffled).toBeUndefined();
    expect(said).toHaveLength(3);
    expect(said[0]).toMatch(
      new RegExp(
        `^How .* compares with no soft token cannot be told: [+−]\\d\\.\\d+ nats per token, but of one ${unit} alone\\.$`,
      ),
    );
    expect(said[2]).toContain(
      `somebody else's soft token cannot be told: all examples are of one ${unit}, and nobody`,
    );
    for (const page of pages) {
      expect(page).toContain('cannot be told');
      // Neither a verdict nor an interval, nor a plot of some.
      expect(page).not.toMatch(/token is (better|worse|not)|\d\.\d+ \[[+−]?\d|NaN|<svg/);
    }
    await expect(run(some, { conditions: ['shuffled'] })).rejects.toThrow(
      'all examples are of one user or group',
    );
  });

  it('has no interval where all people show the very same', async () => {
    const [one, other] = ['u36', 'u37'];
    const twins = { dim: users.dim, rows: new Map([one, other].map((u) => [u, users.rows.get(one)!])) };
    const some = [one, other].map((user) => ({ ...examples[0]!, user }));
    const { said } = await run(some, { users: twins });
    expect(said[0]).toMatch(/no soft token cannot be told: \S+ nats per token, the same for all 2 users\.$/);
  });

  it('makes nothing of a projector that knows nobody', async () => {
    const { said } = await run(examples, { projectors: [constant] });
    for (const finding of said.slice(1))
      expect(finding).toMatch(/cannot be told|is not significantly different/);
  });

  it('names how few people there were, and who could not be exchanged with others', async () => {
    const { said } = await run(only(7));
    expect(said[0]).toMatch(/ is better than no soft token: .*\] nats per token, over 7 users\.$/);
    expect(said.at(-1)).toMatch(/^Only 7 users: a bootstrap over so few gives too narrow intervals/);
    // That five point one way is chance too often.
    const { said: less, found: five } = await run(only(5));
    expect(five.conditions.none!.minusTrue!.low).toBeGreaterThan(0);
    expect(less[0]).toMatch(
      /no soft token cannot be told: \S+ nats per token, but of 5 users only, expected 6 or more\.$/,
    );
    const unequal = only(6, (i) => (i < 4 ? 'most' : `g${i}`));
    const { found, said: more } = await run(unequal, { shuffles: 1 });
    expect(found).toMatchObject({ groups: 3, exchangedWithin: 2 });
    expect(more.at(-2)).toMatch(/^Only 3 groups:/);
    expect(more.at(-1)).toMatch(/^2 users got the soft token of somebody of their own group/);
    // Of 24 no caution is needed.
    expect(findings(report).every((f) => f.endsWith('over 24 users.'))).toBe(true);
  });

  it('everybody else gets somebody of another group, and nobody themselves', () => {
    const groupOf = new Map([...'abcdef'].map((user, i) => [user, i < 4 ? 'most' : user]));
    for (let seed = 1; seed < 9; seed++) {
      const partners = shuffledPartners([...groupOf.keys()], groupOf, seed);
      expect([...partners].every(([user, partner]) => user !== partner)).toBe(true);
    }
    expect(shuffledPartners(['a'], new Map([['a', 'a']]), 1).size).toBe(0);
  });
});

describe('an evaluation', () => {
  it('finds a taste that only the user can tell, against every control', () => {
    expect(Object.keys(report.conditions)).toEqual([...CONDITIONS]);
    for (const control of ['none', 'constant', 'mean', 'shuffled'] as const) {
      expect(report.conditions[control]?.minusTrue?.low, control).toBeGreaterThan(0);
    }
    expect(report).toMatchObject({ users: 24, groups: 24, examples: 72, ranked: 10, generated: 3 });
    const { true: own, shuffled, text } = report.conditions;
    expect(own!.perplexity).toBeCloseTo(Math.exp(own!.nll.mean), 6);
    expect(own!.minusTrue).toBeUndefined();
    expect(own!.hitsAt1).toBeGreaterThanOrEqual(shuffled!.hitsAt1!);
    expect(text!.generated!.prefillTokens).toBeGreaterThan(own!.generated!.prefillTokens);
    // One soft token: K and V of 4 layers, 4 heads of 16 float32 numbers.
    const none = report.conditions.none!.generated!;
    expect(own!.generated!.cacheBytes - none.cacheBytes).toBe(2 * 4 * 4 * 16 * 4);
  });

  it('resamples groups where users share data, and never exchanges within one', async () => {
    const grouped = examples.map((e) => ({ ...e, group: `g${Number(e.user.slice(1)) % 4}` }));
    const found = await evaluate({
      ...{
        model,
        runtime,
        projectors: [projector],
        users,
        examples: grouped,
        conditions: ['shuffled', 'true'],
      },
      ...{ ranked: 0, generated: 0 },
    });
    expect(found).toMatchObject({ users: 24, groups: 4, ranked: 0, generated: 0 });
    const groupOf = new Map(grouped.map((e) => [e.user, e.group]));
    for (const seed of [1, 2, 3]) {
      const partners = shuffledPartners([...groupOf.keys()], groupOf, seed);
      expect(new Set(partners.values()).size).toBe(24);
      for (const [user, partner] of partners) expect(groupOf.get(partner)).not.toBe(groupOf.get(user));
    }
  });

  it('tells each group by name where asked, and the whole is their sum', async () => {
    const found = await evaluate({
      ...{ model, runtime, projectors: [projector, constant], users, examples, byGroup: true },
      ...{ conditions: ['none', 'shuffled', 'true'], ranked: 0, generated: 0 },
    });
    expect(report.byGroup).toBeUndefined();
    const groups = found.byGroup!;
    expect(groups.map((g) => g.name)).toEqual([...new Set(examples.map((e) => e.user))]);
    expect(groups.reduce((sum, g) => sum + g.targets, 0)).toBe(found.examples);
    expect(groups.reduce((sum, g) => sum + g.targetTokens, 0)).toBe(found.targetTokens);
    for (const [condition, seeds] of [
      ['none', 1],
      ['shuffled', 2],
      ['true', 2],
    ] as const) {
      const all = groups.flatMap((g) => g.nll[condition]!);
      expect(all).toHaveLength(groups.length * seeds);
      const perToken = all.reduce((a, b) => a + b, 0) / seeds / found.targetTokens;
      expect(perToken).toBeCloseTo(found.conditions[condition]!.nll.mean, 10);
    }
  });

  it('averages training seeds, and counts their spread', async () => {
    const given = { model, runtime, users, examples, ranked: 0, generated: 0 };
    const of = (projectors: readonly (typeof projector)[]) =>
      evaluate({ ...given, projectors, conditions: ['none', 'shuffled', 'true'] });
    const [own, other, both] = [await of([projector]), await of([constant]), await of([projector, constant])];
    expect(both.seeds).toBe(2);
    for (const c of ['none', 'shuffled'] as const) {
      const means = [own, other].map((r) => r.conditions[c]!.minusTrue!.mean);
      expect(both.conditions[c]!.minusTrueBySeed![0]).toBeCloseTo(means[0]!, 10);
      expect(both.conditions[c]!.minusTrueBySeed![1]).toBeCloseTo(means[1]!, 10);
      expect(both.conditions[c]!.minusTrue!.mean).toBeCloseTo((means[0]! + means[1]!) / 2, 10);
      const width = (r: typeof own) => r.conditions[c]!.minusTrue!.high - r.conditions[c]!.minusTrue!.low;
      expect(width(both)).toBeGreaterThan(width(own));
    }
    // A target of n tokens costs n times what a token does.
    const { nll, nllPerTarget } = own.conditions.true!;
    expect(nllPerTarget.mean / nll.mean).toBeCloseTo(own.targetTokens / own.examples, 6);
  });

  it('interrupted at any stage and gone on with, ends with the very same report', async () => {
    const given = { model, runtime, projectors: [projector], constants: [constant], users, examples };
    const conditions = ['none', 'constant', 'shuffled', 'true'] as const;
    const run = async (before?: string, stopAt?: string) => {
      let file = before ?? '';
      const controller = new AbortController();
      const found = await evaluate({
        ...{ ...given, conditions, ranked: 3, generated: 2, maxTokens: 4, signal: controller.signal },
        onProgress: (stage, done) => {
          if (`${stage} ${done}` === stopAt) controller.abort();
        },
        scores: {
          before: before === undefined ? undefined : { bytes: new TextEncoder().encode(before), name: 'log' },
          append: (lines) => {
            file += lines;
          },
        },
      }).catch((error: Error) => error.name);
      return { found: JSON.stringify(found, (key, v) => (key === 'timeToFirstTokenMs' ? 0 : v), 2), file };
    };
    const whole = await run();
    const lines = whole.file.split('\n').length;
    let file: string | undefined;
    for (const stop of ['scoring 64', 'ranking 5', 'ranking 6', 'generating 7']) {
      const part = await run(file, stop);
      expect(part.found, stop).toBe('"AbortError"');
      file = part.file;
    }
    const rest = await run(file);
    expect(rest.found).toBe(whole.found);
    expect(rest.file.split('\n')).toHaveLength(lines);
    // Nobody's words are kept.
    expect(rest.file).not.toContain('Dogs');
    const others: readonly [object, RegExp][] = [
      [{ projectors: [constant] }, /^log: it was made with projector 1 = \w{12}, found \w{12};/],
      [{ examples: examples.slice(1) }, /made with data = /],
      [{ conditions: ['true'] }, /made with conditions = none,constant,shuffled,true, found true;/],
      [{ maxTokens: 8 }, /made with maxTokens = 4, found 8;/],
      [
        {
          users: readUsers(
            jsonLines([...users.rows.keys()].map((user) => ({ user, embedding: [1, 2, 3] }))),
            'u',
          ),
        },
        /made with users = /,
      ],
    ];
    const scores = { before: { bytes: new TextEncoder().encode(rest.file), name: 'log' }, append: () => {} };
    for (const [more, message] of others) {
      const settings = { conditions, ranked: 3, generated: 2, maxTokens: 4 };
      await expect(evaluate({ ...given, ...settings, scores, ...more })).rejects.toThrow(message);
    }
  });

  it('tells what the deployed graph costs, and whether that cancels between conditions', async () => {
    const given = {
      runtime,
      projectors: [projector],
      users,
      examples,
      deployed: 20,
      ranked: 0,
      generated: 0,
    };
    const conditions = ['none', 'shuffled', 'true'] as const;
    const exact = await evaluate({ ...given, model, conditions });
    const rounded = await evaluate({ ...given, model: await rounding(), conditions });
    for (const [found, costs] of [
      [exact, false],
      [rounded, true],
    ] as const) {
      expect(found.deployed).toBe(20);
      for (const condition of conditions) {
        const { nll, cost, minusTrue, scoredMinusTrue, costMinusTrue } =
          found.conditions[condition]!.deployed!;
        // Float activations give the same numbers, int8 others.
        expect(Math.abs(cost.mean) > 1e-4, condition).toBe(costs);
        expect(nll.mean).toBeGreaterThan(0);
        if (condition === 'true')
          expect([minusTrue, scoredMinusTrue, costMinusTrue]).toEqual([undefined, undefined, undefined]);
        else expect(costMinusTrue!.mean).toBeCloseTo(minusTrue!.mean - scoredMinusTrue!.mean, 6);
      }
      const own = found.conditions.true!.deployed!;
      const none = found.conditions.none!.deployed!;
      expect(none.costMinusTrue!.mean).toBeCloseTo(none.cost.mean - own.cost.mean, 6);
    }
    const markdown = reportMarkdown(rounded);
    expect(markdown).toContain('20 examples through the deployed graph too');
    const table = markdown
      .split('\n')
      .filter((l) => /^\| (none|shuffled|true) /.test(l))
      .slice(-3);
    const cell = '[+−]?\\d+\\.\\d{4} \\[\\S+, \\S+\\]';
    expect(table[1]).toMatch(new RegExp(`^\\| shuffled( \\| ${cell}){5} \\|$`));
    expect(table[2]).toMatch(new RegExp(`^\\| true \\| ${cell} \\| – \\| – \\| ${cell} \\| – \\|$`));
  });

  it('takes a slot that a prompt has twice, and scores as the engine reads it', async () => {
    const slot = { placeholder: '<|me|>' };
    const slotted = { ...projector, contract: { ...projector.contract, slot } };
    const messages = [{ role: 'user', content: 'I like <|me|>. What of <|me|>?' }] as const;
    const twice = examples.slice(0, 24).map((e) => ({ ...e, messages }));
    const { conditions } = await evaluate({
      ...{ model, runtime, projectors: [slotted], users, examples: twice, conditions: ['none', 'true'] },
      ...{ deployed: 24, ranked: 0, generated: 2, maxTokens: 2 },
    });
    const { none, true: own } = conditions;
    expect(own!.generated!.prefillTokens - none!.generated!.prefillTokens).toBe(2);
    for (const found of [none!, own!]) expect(Math.abs(found.deployed!.cost.mean)).toBeLessThan(1e-4);
    const without = examples.map((e, i) => (i === 4 ? e : { ...e, messages }));
    const refused = evaluate({
      ...{ model, runtime, projectors: [slotted], users, examples: without, conditions: ['true'] },
    });
    await expect(refused).rejects.toThrow(`line ${examples[4]!.line}: the prompt has no <|me|>`);
  });

  it('is told as a table with its conditions, and as a page', () => {
    const markdown = reportMarkdown(report);
    expect(markdown).toContain('72 examples of 24 users');
    const some = reportMarkdown({ ...report, tooLong: [3, 17] });
    expect(some).toContain('Too long in some condition and left out of all: 2 examples (lines 3, 17).');
    expect(markdown).toMatch(/\| true \| \d\.\d{4} \[/);
    expect(markdown).toContain("The true user's soft token is better than somebody else's soft token: +");
    const page = reportPage({ ...report, model: { id: '<script>', dtype: 'q4' } });
    expect(page).toContain('<svg');
    expect(page).not.toContain('<script>');
  });

  it('refuses what cannot be compared', async () => {
    const run = (more: object) =>
      evaluate({ model, runtime, projectors: [projector], users, examples, conditions: ['true'], ...more });
    await expect(run({ conditions: ['constant'] })).rejects.toThrow('needs a constant soft token');
    const silent = examples.map((e) => ({ ...e, persona: undefined }));
    await expect(run({ conditions: ['text'], examples: silent })).rejects.toThrow(
      /^line \d+: field persona is missing/,
    );
    const other = readUsers(jsonLines([{ user: 'u36', embedding: [1] }]), 'u');
    await expect(run({ users: other })).rejects.toMatchObject({ code: 'contract-mismatch' });
    await expect(run({ maxLength: 4 })).rejects.toThrow('every example is longer than 4 tokens');
    await expect(run({ shuffles: 0 })).rejects.toThrow('shuffles is 0, expected a whole number from 1');
    await expect(run({ batch: 0 })).rejects.toThrow('batch is 0, expected a whole number from 1');
    await expect(run({ signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
  });
});

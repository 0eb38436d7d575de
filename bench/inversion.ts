/**
 * What can be told of people from their embedding, soft token, KV cache and texts, and what protection costs in personalisation.
 * `npm run bench inversion` writes docs/results/inversion.json and .md: readers of the default model, all of it or `-- --part views|vault|hidden|members`;
 * `-- --llm` instead adds people in their own words with a real LLM and a sentence encoder.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Attribute } from '../src/evaluate/audit/attributes.ts';
import { type AuditReport, audit } from '../src/evaluate/audit/audit.ts';
import { invert } from '../src/evaluate/audit/invert.ts';
import { membership } from '../src/evaluate/audit/membership.ts';
import type { WholeAudit } from '../src/evaluate/audit/report.ts';
import { VIEWS, type View, viewsOf } from '../src/evaluate/audit/views.ts';
import { createRuntime, loadModel, loadSentenceEncoder } from '../src/node.ts';
import { readProjector, withAnchorRows } from '../src/projector/projector.ts';
import type { Users } from '../src/train.ts';
import { TRAIN_LINES } from '../tools/smollm2/data/train-lines.ts';
import { seededRandom } from '../tools/world/random.ts';
import { type Attacked, attackedReaders, note, SEED } from './inversion/readers.ts';
import { trainedWays } from './inversion/trainer.ts';
import { protectedUsers } from './inversion/vault.ts';
import { type InversionResults, inversionPage } from './inversion-results.ts';

const FILE = 'docs/results/inversion';
const LLM = '../shared/models/smollm2-135m-instruct';
const ENCODER = '../shared/models/all-minilm-l6-v2';
const LLM_PROJECTOR = 'public/projectors/smollm2-135m-instruct.safetensors';
export async function benchInversion(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      llm: { type: 'boolean', default: false },
      page: { type: 'boolean', default: false },
      part: { type: 'string' },
    },
  });
  // Parts may run beside each other.
  const read = (): Partial<InversionResults> =>
    existsSync(`${FILE}.json`) ? JSON.parse(readFileSync(`${FILE}.json`, 'utf8')) : {};
  const keep = (found: Partial<InversionResults>) => {
    const results = { ...read(), ...found } as InversionResults;
    writeFileSync(`${FILE}.json`, `${JSON.stringify(results, null, 1)}\n`);
    writeFileSync(`${FILE}.md`, inversionPage(results));
  };
  const isAsked = (part: string) => (values.part ?? part) === part;
  // `--page` makes the page of what is there.
  if (values.llm) keep({ llm: await auditLlm() });
  if (values.page) keep({});
  if (!values.llm && !values.page) {
    const attacked = await attackedReaders();
    if (isAsked('views')) keep({ whole: await auditViews(attacked) });
    if (isAsked('vault')) keep({ curve: await protectedUsers(attacked) });
    for (const kind of ['hidden', 'members'] as const) {
      if (!isAsked(kind)) continue;
      for await (const trained of trainedWays(attacked, kind)) keep({ [kind]: trained });
    }
  }
  console.log(inversionPage(read() as InversionResults));
}

async function auditViews(attacked: Attacked): Promise<WholeAudit> {
  const { allUsers, examplesOf, test, prompts, ...common } = attacked;
  const { model, runtime, projector } = common;
  note('views of the default model');
  const found = await audit({ ...common, views: VIEWS, prompts, maxTokens: 24 });
  const sentences = test.map(({ user, target: text }) => ({ user, text }));
  const ids = [...new Set(test.map((e) => e.user))];
  const inversions: Partial<Record<View, Awaited<ReturnType<typeof invert>>>> = {};
  for (const view of ['embedding', 'soft-token'] as const) {
    note(`inverting ${view}`);
    const embedded = ids.map((id) => allUsers.rows.get(id)!);
    const rows = (
      await viewsOf({ ...common, embeddings: embedded, views: [view], prompts, maxTokens: 1 })
    ).get(view)!;
    inversions[view] = await invert({
      ...{ model, runtime, sentences, steps: 300, seed: SEED },
      users: { dim: rows[0]!.length, rows: new Map(ids.map((id, i) => [id, rows[i]!])) },
      isSeen: (user) => ids.indexOf(user) < 0.7 * ids.length,
    });
  }
  note('membership');
  const members = await membership({
    ...{ model, runtime, projector, users: allUsers, seed: SEED },
    ...{ members: examplesOf('train', 3), others: test },
  });
  return { ...found, inversions, membership: members };
}

/** People who say one line: what of it can be told from its vector, and from what the LLM reads of it. */
async function auditLlm(): Promise<AuditReport> {
  const runtime = createRuntime();
  const model = await loadModel({ model: LLM, dtype: 'q4' });
  const projector = await withAnchorRows(readProjector(readFileSync(LLM_PROJECTOR)), model, runtime);
  const random = seededRandom(SEED, 'lines');
  const lines = random.shuffled(TRAIN_LINES).slice(0, 700);
  const encoder = await loadSentenceEncoder({ id: ENCODER });
  note('encoding');
  const rows = new Map<string, Float32Array>();
  for (const [i, { line }] of lines.entries()) rows.set(`p${i}`, await encoder.encode([line]));
  await encoder.release();
  const users: Users = { dim: projector.contract.space.dim, rows };
  // What most interests of an area have in common is the list that they stand in.
  const attributes: Attribute[] = [
    {
      name: 'a word of the line',
      kind: 'set',
      answers: new Map(lines.map(({ line }, i) => [`p${i}`, new Set(contentWords(line))])),
    },
  ];
  const common = { model, runtime, projector, users, attributes, seed: SEED };
  const prompts = [[{ role: 'user' as const, content: 'Give me an idea for the weekend.' }]];
  note('views of the LLM');
  const found = await audit({ ...common, views: VIEWS, prompts, maxTokens: 24 });
  return found;
}

const contentWords = (line: string): string[] => line.toLowerCase().match(/\p{L}{5,}/gu) ?? [];

/**
 * What can be told of people from their embedding, soft token, KV cache and texts, and what protection costs in personalisation.
 * `npm run bench inversion` writes docs/results/inversion.json and .md: readers of the default model, all of it or `-- --part views|vault|hidden|members|shipped`;
 * `-- --llm` instead adds people in their own words with a real LLM and a sentence encoder (`--part views|vault|shipped|trained`).
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { audit } from '../src/evaluate/audit/audit.ts';
import { invert } from '../src/evaluate/audit/invert.ts';
import type { WholeAudit } from '../src/evaluate/audit/report.ts';
import { VIEWS, type View, viewsOf } from '../src/evaluate/audit/views.ts';
import { erasedFrom, trainedToHide } from './inversion/hidden.ts';
import { auditLlm } from './inversion/llm.ts';
import { trainedOnPeople } from './inversion/members.ts';
import { type Attacked, attackedReaders, note, SEED } from './inversion/readers.ts';
import { membersOfShipped } from './inversion/shipped.ts';
import { membersOfLlm } from './inversion/shipped-llm.ts';
import { trainedLlm } from './inversion/trained-llm.ts';
import { protectedUsers } from './inversion/vault.ts';
import { protectedLines } from './inversion/vault-llm.ts';
import { type InversionResults, inversionPage } from './inversion-results.ts';

const FILE = 'docs/results/inversion';
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
  if (values.llm) {
    if (isAsked('views')) for await (const llm of auditLlm()) keep({ llm });
    if (isAsked('vault')) for await (const llmVault of protectedLines()) keep({ llmVault });
    if (isAsked('trained')) for await (const llmTrained of trainedLlm()) keep({ llmTrained });
    if (isAsked('shipped')) keep({ shippedLlm: await membersOfLlm() });
  }
  if (values.page) keep({});
  if (!values.llm && !values.page) {
    const attacked = await attackedReaders();
    if (isAsked('views')) keep({ whole: await auditViews(attacked) });
    if (isAsked('vault')) keep({ curve: await protectedUsers(attacked) });
    if (isAsked('hidden')) {
      keep({ erased: await erasedFrom(attacked) });
      // Of what the trainer can do no more, which can't be measured again.
      const past = (read().hidden ?? []).filter(({ hides }) => hides?.weight !== undefined);
      for await (const hidden of trainedToHide(attacked, past)) keep({ hidden });
    }
    if (isAsked('members')) for await (const members of trainedOnPeople(attacked)) keep({ members });
    if (isAsked('shipped')) for await (const shipped of membersOfShipped(attacked)) keep({ shipped });
  }
  console.log(inversionPage(read() as InversionResults));
}

async function auditViews(attacked: Attacked): Promise<WholeAudit> {
  const { allUsers, examplesOf, test, prompts, ...common } = attacked;
  const { model, runtime } = common;
  note('views of the default model');
  const found = await audit({ ...common, views: VIEWS, prompts, maxTokens: 24 });
  const sentences = test.map(({ user, target: text }) => ({ user, text }));
  const ids = [...new Set(test.map((e) => e.user))];
  const inversions: Partial<Record<View, Awaited<ReturnType<typeof invert>>>> = {};
  for (const view of VIEWS) {
    note(`inverting ${view}`);
    const embedded = ids.map((id) => allUsers.rows.get(id)!);
    const rows = (
      await viewsOf({ ...common, embeddings: embedded, views: [view], prompts, maxTokens: 24 })
    ).get(view)!;
    inversions[view] = await invert({
      ...{ model, runtime, sentences, steps: 300, seed: SEED },
      users: { dim: rows[0]!.length, rows: new Map(ids.map((id, i) => [id, rows[i]!])) },
      isSeen: (user) => ids.indexOf(user) < 0.7 * ids.length,
    });
  }
  return { ...found, inversions };
}

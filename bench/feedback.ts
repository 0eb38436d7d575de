/**
 * Readers of the default world answer to what the default model says, and their embedding learns from it: after 10, 30 and 100 answers, from an
 * embedding of a few clicks, from somebody else's, and from their own. What they asked for, and what nobody asked to change.
 * `npm run bench feedback [-- --readers N]` writes docs/results/feedback.json and .md; `-- --llm` adds SmolLM2 (`feedback/llm-person.ts`), `--answers 30` beside the ten.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { adaptOn } from '../src/train/adapt-embedding.ts';
import { createFeedbackLoss } from '../src/train/feedback-loss.ts';
import { createReadyGraphs } from '../src/train/ready-graphs.ts';
import { type Feedback, readFeedbackRows } from '../src/user/feedback-row.ts';
import { makeWorld } from '../tools/default/default-setup.ts';
import { embeddingOf } from '../tools/world/embed.ts';
import { seededRandom } from '../tools/world/random.ts';
import { type Reader, tellingFor } from '../tools/world/reader.ts';
import { readersOf } from '../tools/world/world.ts';
import { foldedIn, someClicks } from './ablate/readers.ts';
import { openScorer, type Scored } from './drift/score.ts';
import {
  answerOf,
  follows,
  LOOKS,
  type Look,
  neutralText,
  openShown,
  type Text,
} from './feedback/simulated-reader.ts';
import {
  CLICKS,
  type FeedbackResults,
  feedbackPage,
  LEVELS,
  type Seen,
  STARTS,
  summarise,
} from './feedback-results.ts';

/** Texts of each kind that a reader is looked at with, prompts that are answered greedily, and neutral texts of the canary. */
const [TEXTS, GREEDY, NEUTRAL] = [12, 6, 8] as const;
const OUT = 'docs/results/feedback';

export async function benchFeedback(args: readonly string[]): Promise<void> {
  const options = {
    llm: { type: 'boolean' },
    readers: { type: 'string' },
    answers: { type: 'string', default: '10' },
  } as const;
  const { values: given } = parseArgs({ args: [...args], options });
  const before: FeedbackResults | undefined = existsSync(`${OUT}.json`)
    ? JSON.parse(readFileSync(`${OUT}.json`, 'utf8'))
    : undefined;
  const count = Number(given.readers ?? (given.llm ? 4 : 12));
  // After each person: what is stopped has what was found until then.
  const keep = (results: FeedbackResults) => {
    writeFileSync(`${OUT}.json`, `${JSON.stringify(results, null, 1)}\n`);
    writeFileSync(`${OUT}.md`, feedbackPage(results));
  };
  const kept = {
    ...(before?.llm && { llm: before.llm }),
    ...(before?.llmMore && { llmMore: before.llmMore }),
  };
  if (given.llm) {
    const { benchLlm } = await import('./feedback/llm-person.ts');
    const answers = Number(given.answers);
    // The first part is of ten answers.
    const more = (before!.llmMore ?? []).filter((each) => each.answers !== answers);
    await benchLlm(count, answers, (llm) =>
      keep(answers === 10 ? { ...before!, llm } : { ...before!, llmMore: [...more, llm] }),
    );
  } else await benchReaders(count, (found) => keep({ ...found, ...kept }));
}

async function benchReaders(count: number, keep: (results: FeedbackResults) => void): Promise<void> {
  const { world, embeddings } = makeWorld(false);
  const { model, runtime, projector } = await openScorer();
  const shown = await openShown(model, runtime, projector);
  const graphs = createReadyGraphs({ model, runtime });
  const loss = await createFeedbackLoss({ model, runtime, projector, vectors: 1, graphs });
  const nats = async (texts: readonly Text[], values: Float32Array): Promise<Scored> => {
    const rows = readFeedbackRows(
      texts.map((text) => ({ kind: 'up', ...text })),
      'texts',
    );
    const items = rows.map((row) => loss.prepare(row, 512)!);
    const found = await loss.nats(items, values);
    return {
      nats: found.reduce((sum, [of]) => sum + of!, 0),
      tokens: items.reduce((sum, { texts: [text] }) => sum + text!.answer.length, 0),
    };
  };
  const readers = readersOf(world, 'test');
  const random = seededRandom(world.seed, 'feedback');
  const canary = Array.from({ length: NEUTRAL }, () =>
    neutralText('train', random, () => tellingFor(random.pick(readers), random)),
  );
  const people: Record<string, Seen>[] = [];
  for (const [i, reader] of readers.slice(0, count).entries()) {
    const own = embeddingOf(embeddings, reader.index).slice();
    const given = {
      few: foldedIn(embeddings, someClicks(world.clicks[reader.index]!, CLICKS, random)),
      wrong: embeddingOf(embeddings, readers[readers.length - 1 - i]!.index).slice(),
      own,
    };
    const looks = Object.fromEntries(
      Object.entries(LOOKS).map(([look, draw]) => [
        look,
        Array.from({ length: TEXTS }, () => draw(reader, random)),
      ]),
    ) as Record<Look, Text[]>;
    const look = async (values: Float32Array): Promise<Seen['looks']> =>
      Object.fromEntries(
        await Promise.all(
          Object.entries(looks).map(async ([name, texts]) => [name, await nats(texts, values)] as const),
        ),
      ) as Seen['looks'];
    const followed = async (values: Float32Array): Promise<Seen['followed']> => {
      const said: ReturnType<typeof follows>[] = [];
      for (const { prompt } of looks.asked.slice(0, GREEDY))
        said.push(follows(reader as Reader, await shown.say(prompt, values, 0, 1)));
      const share = (name: 'angle' | 'tone') => said.filter((each) => each[name]).length / said.length;
      return { angle: share('angle'), tone: share('tone') };
    };
    const seen: Record<string, Seen> = {};
    for (const start of STARTS) {
      const values = given[start];
      seen[`${start} 0`] = { looks: await look(values), followed: await followed(values), moved: 0 };
      const feedback: Feedback[] = [];
      for (const level of LEVELS) {
        while (feedback.length < level) feedback.push(await answerOf(reader, values, shown, random));
        const { values: learnt, report } = await adaptOn(
          { model, runtime, projector, values, feedback, neutral: canary },
          graphs,
        );
        const now = learnt ?? values;
        seen[`${start} ${level}`] = {
          ...{ looks: await look(now), followed: await followed(now), moved: report.moved },
          ...(report.refused && { refused: report.refused }),
        };
      }
    }
    people.push(seen);
    keep(summarise(people, { texts: TEXTS, greedy: GREEDY, neutral: NEUTRAL }));
    const line = Object.entries(seen).map(
      ([name, { looks: at, refused = '' }]) =>
        `${name} ${(at.asked.nats / at.asked.tokens).toFixed(3)} ${(at.topics.nats / at.topics.tokens).toFixed(3)}${refused}`,
    );
    console.log(`${i + 1} of ${count}: ${line.join(' | ')} | ${Math.round(process.cpuUsage().user / 1e6)} s`);
  }
  await loss.release();
  await graphs.release();
  await shown.release();
}

/**
 * Somebody on the real LLM whose interests have changed: they described themselves with two lines, of which one holds no more, and write texts of
 * their own about what they like now. Interests, questions and wordings are those that nothing was trained on.
 */
import { createRuntime, loadModel, loadSentenceEncoder } from '../../src/node.ts';
import { adaptOn } from '../../src/train/adapt-embedding.ts';
import { createFeedbackLoss } from '../../src/train/feedback-loss.ts';
import { createReadyGraphs } from '../../src/train/ready-graphs.ts';

import { type Feedback, readFeedbackRows } from '../../src/user/feedback-row.ts';
import type { Interest } from '../../tools/smollm2/data/interest.ts';
import { DEV_QUESTIONS, TEST_QUESTIONS } from '../../tools/smollm2/data/questions.ts';
import { TEST_INTERESTS } from '../../tools/smollm2/data/test-interests.ts';
import { ENCODER, MODEL } from '../../tools/smollm2/make-smollm2.ts';
import { openProjector, SEED } from '../../tools/smollm2/measure/setting.ts';
import { seededRandom } from '../../tools/world/random.ts';
import { gain, type Scored } from '../drift/score.ts';
import { LLM_LOOKS, type LlmFeedback, type LlmLook, type LlmPerson } from '../feedback-llm-results.ts';
import { rounded } from '../feedback-results.ts';
import type { Text } from './simulated-reader.ts';

const PROJECTOR = 'public/projectors/smollm2-135m-instruct.safetensors';
const [TEXTS, STEPS] = [4, 15] as const;
/** Of the person's own texts, and of those that they are looked at with. */
const WRITTEN = [
  'How about {}?',
  'I would rather have something with {}.',
  'Only {}, please.',
  'It should be about {}.',
];
const UNSEEN = [
  'You would enjoy {}.',
  'I would suggest {}.',
  'Something for you: {}.',
  'What about a day of {}?',
];
const NEUTRAL: readonly Text[] = [
  { prompt: 'What is the capital of France?', answer: 'The capital of France is Paris.' },
  { prompt: 'How many days has a week?', answer: 'A week has seven days.' },
  { prompt: 'What is 2 + 3?', answer: '2 + 3 is 5.' },
  { prompt: 'Which colour has the sky?', answer: 'The sky is blue.' },
  { prompt: 'What do cows drink?', answer: 'Cows drink water.' },
  { prompt: 'Translate "Guten Morgen" into English.', answer: 'Good morning.' },
  { prompt: 'At what temperature does water boil?', answer: 'Water boils at 100 degrees Celsius.' },
  { prompt: 'Who wrote Hamlet?', answer: 'William Shakespeare wrote Hamlet.' },
];

export async function benchLlm(
  count: number,
  answers: number,
  keep: (llm: LlmFeedback) => void,
): Promise<void> {
  const model = await loadModel({ model: MODEL, dtype: 'q4' });
  const runtime = createRuntime({ threads: 1 });
  const projector = await openProjector(PROJECTOR, model, runtime);
  const encoder = await loadSentenceEncoder({ id: ENCODER });
  const graphs = createReadyGraphs({ model, runtime });
  const loss = await createFeedbackLoss({ model, runtime, projector, vectors: 2, graphs });
  const random = seededRandom(SEED, 'feedback');
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
  /** Every other phrase of an interest is written about, the others are unseen. */
  const texts = ({ phrases }: Interest, unseen: boolean, many: number): Text[] =>
    Array.from({ length: many }, (_, i) => {
      const own = phrases.filter((_, p) => p % 2 === Number(unseen));
      const frames = unseen ? UNSEEN : WRITTEN;
      const questions = unseen ? TEST_QUESTIONS : DEV_QUESTIONS;
      const answer = frames[i % frames.length]!.replace('{}', own[i % own.length]!);
      return { prompt: random.pick(questions).text, answer };
    });
  const interests = random.shuffled(TEST_INTERESTS.filter(({ phrases }) => phrases.length >= 4));
  const line = ({ phrases }: Interest) => `I love ${phrases[0]}.`;
  const outcomes: LlmPerson[] = [];
  const scores: Record<'given' | 'learnt' | 'own', Record<LlmLook, Scored[]>> = {
    given: { asked: [], kept: [], neutral: [] },
    learnt: { asked: [], kept: [], neutral: [] },
    own: { asked: [], kept: [], neutral: [] },
  };
  for (let i = 0; i < count; i++) {
    const [stays, old, fresh] = [0, 1, 2].map((k) => interests[(3 * i + k) % interests.length]!) as [
      Interest,
      Interest,
      Interest,
    ];
    const values = await encoder.encode([line(stays), line(old)]);
    const feedback: Feedback[] = texts(fresh, false, answers).map((text) => ({ kind: 'edit', ...text }));
    const looks = {
      asked: texts(fresh, true, TEXTS),
      kept: texts(stays, true, TEXTS),
      neutral: NEUTRAL.slice(TEXTS),
    };
    const cpu = process.cpuUsage();
    const canary = NEUTRAL.slice(0, TEXTS);
    const { values: learnt, report } = await adaptOn(
      { model, runtime, projector, values, feedback, neutral: canary, steps: STEPS },
      graphs,
    );
    const { user, system } = process.cpuUsage(cpu);
    outcomes.push({
      ...(report.refused && { refused: report.refused }),
      ...{ moved: Number(report.moved.toFixed(3)), seconds: Math.round((user + system) / 1e6) },
    });
    const conditions = {
      given: values,
      learnt: learnt ?? values,
      own: await encoder.encode([line(stays), line(fresh)]),
    };
    for (const [name, vectors] of Object.entries(conditions)) {
      for (const look of LLM_LOOKS)
        scores[name as keyof typeof scores][look].push(await nats(looks[look], vectors));
    }
    const gains = (to: 'learnt' | 'own') =>
      Object.fromEntries(
        LLM_LOOKS.map((look) => [look, rounded(gain(scores.given[look], scores[to][look]))]),
      ) as Record<LlmLook, ReturnType<typeof gain>>;
    const found = { people: i + 1, answers, texts: TEXTS, steps: STEPS, outcomes };
    keep({ ...found, learnt: gains('learnt'), own: gains('own') });
    console.log(JSON.stringify({ stays: stays.name, old: old.name, fresh: fresh.name, ...report }));
    console.log(JSON.stringify([gains('learnt'), gains('own')]));
  }
  await loss.release();
  await graphs.release();
}

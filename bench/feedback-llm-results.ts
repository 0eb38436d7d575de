/** The part of `docs/results/feedback.md` on a real LLM. */
import { type Interval, isTold } from '../src/evaluate/index.ts';
import { interval, signed, table } from './results-table.ts';

/** One person of SmolLM2. */
export interface LlmPerson {
  readonly refused?: string;
  readonly moved: number;
  /** Processor seconds of the learning. */
  readonly seconds: number;
}

export interface LlmFeedback {
  readonly people: number;
  readonly answers: number;
  readonly texts: number;
  readonly steps: number;
  readonly outcomes: readonly LlmPerson[];
  /** What learning, and what the lines of the person's true interests, gain over the wrong line: nats per token. */
  readonly learnt: Readonly<Record<LlmLook, Interval>>;
  readonly own: Readonly<Record<LlmLook, Interval>>;
}

/** Of the new interest (asked about and not), of the interest that stays, and of nobody. */
export const LLM_LOOKS = ['asked', 'kept', 'neutral'] as const;
export type LlmLook = (typeof LLM_LOOKS)[number];

/** Gains of those who learnt, and of the lines of their true interests. */
function gainsTable({ learnt, own }: LlmFeedback): string {
  const row = (name: string, gains: Readonly<Record<LlmLook, Interval>>) => [
    name,
    // Of one person there is no interval.
    ...LLM_LOOKS.map((look) =>
      isTold(gains[look]) ? interval(gains[look], 3) : signed(gains[look].mean, 3),
    ),
  ];
  return table(
    ['vectors', ...LLM_LOOKS],
    [row('learnt', learnt), row('of a line about the new interest', own)],
  );
}

function outcomesText({ people, outcomes }: LlmFeedback): string {
  const refused = outcomes.filter((each) => each.refused);
  const seconds = outcomes.map((each) => each.seconds);
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  return `Refused: ${refused.length} of ${people}${refused.length > 0 ? ` (${refused.map((each) => each.refused).join(', ')})` : ''}. Mean way of the vector that went furthest: ${mean(outcomes.map((each) => each.moved)).toFixed(2)} standard deviations. Processor time of a learning: ${Math.round(mean(seconds))} s on one thread.`;
}

export function llmSection(found: LlmFeedback): string {
  const { people, answers, texts, steps } = found;
  return `## SmolLM2-135M-Instruct

Made by \`npm run bench feedback -- --llm --readers ${people}\`: ${people} people who described themselves with a line about an interest that stays and one about an interest that they have no more. They write ${answers} answers of their own about another interest in place of the model's, and the two vectors of their lines learn in ${steps} updates, through the shipped projector,
which looks words up by them. Gain over the lines as they were, nats per token, on ${texts} unseen texts of each kind for each person: *asked*: about the new interest, *kept*: about the one that stays, *neutral*: answers that suit everybody.

${gainsTable(found)}

${outcomesText(found)}
`;
}

/** Of another count of answers. */
export function moreText(found: LlmFeedback): string {
  const { people, answers, learnt } = found;
  const { low, high } = learnt.asked;
  const verdict =
    people < 2
      ? 'One person says nothing of others.'
      : low > 0
        ? 'What was asked for is gained.'
        : high < 0
          ? 'What was asked for gets worse.'
          : 'No gain on what was asked for can be told.';
  return `
### After ${answers} answers

Made by \`npm run bench feedback -- --llm --readers ${people} --answers ${answers}\`: the first ${people} of them, with ${answers} answers in place of ten, as many updates. ${verdict}

${gainsTable(found)}

${outcomesText(found)}
`;
}

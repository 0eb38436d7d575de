/**
 * A reader of the default world who is shown what the model says and answers with thumbs, texts of their own and choices. They know what they
 * like; nothing else does. Asked are headlines about some topics; other topics and other kinds of text are never answered to.
 */
import { Engine } from '../../src/generate/engine.ts';
import { generateText } from '../../src/generate/generate-text.ts';
import { buildInput } from '../../src/generate/prompt.ts';
import type { BaseModel, ChatMessage, Runtime } from '../../src/node.ts';
import { type Projector, projectAtStrength } from '../../src/projector/projector.ts';
import type { Feedback } from '../../src/user/feedback-row.ts';
import { angleOf, toneOf } from '../../tools/world/judge.ts';
import { TOPICS } from '../../tools/world/lexicon-facts.ts';
import type { Random } from '../../tools/world/random.ts';
import { type Reader, tellingFor, topAngle } from '../../tools/world/reader.ts';
import { drawStory, factQuestion, type Split, type Story, storyPrompt } from '../../tools/world/story.ts';
import { smallTalk, type Telling, tellStory } from '../../tools/world/telling.ts';

/** Topics that feedback is given on. */
const ASKED = TOPICS.slice(0, 3);
const CANDIDATES = 3;

export interface Text {
  readonly prompt: string | readonly ChatMessage[];
  readonly answer: string;
}

const drawWhere = (kind: Story['kind'], split: Split, asked: boolean, random: Random): Story => {
  let story = drawStory(kind, split, random);
  while (ASKED.includes(story.topic) !== asked) story = drawStory(kind, split, random);
  return story;
};

function told(reader: Reader, story: Story, random: Random): Text {
  return { prompt: storyPrompt(story, random), answer: tellStory(story, tellingFor(reader, random), random) };
}

/** A fact of a story that was told: what anybody would be answered. */
export function neutralText(split: Split, random: Random, telling: () => Telling): Text {
  const story = drawStory('article', split, random);
  const { prompt, target } = factQuestion(story, random);
  const messages: ChatMessage[] = [
    { role: 'user', content: storyPrompt(story, random) },
    { role: 'assistant', content: tellStory(story, telling(), random) },
    { role: 'user', content: prompt },
  ];
  return { prompt: messages, answer: target };
}

/** What a reader is looked at with, none of it in their feedback. */
export const LOOKS = {
  asked: (reader: Reader, random: Random) => told(reader, drawWhere('article', 'test', true, random), random),
  topics: (reader: Reader, random: Random) =>
    told(reader, drawWhere(random.next() < 0.5 ? 'article' : 'show', 'test', false, random), random),
  replies: (reader: Reader, random: Random): Text => {
    const { prompt, target } = smallTalk(tellingFor(reader, random), random);
    return { prompt, answer: target };
  },
  neutral: (reader: Reader, random: Random) => neutralText('test', random, () => tellingFor(reader, random)),
} as const;
export type Look = keyof typeof LOOKS;

export interface Shown {
  /** What the model says with this embedding at temperature 1, or greedily. */
  say(
    prompt: Text['prompt'],
    values: Float32Array | undefined,
    temperature: number,
    seed: number,
  ): Promise<string>;
  release(): Promise<void>;
}

export async function openShown(model: BaseModel, runtime: Runtime, projector: Projector): Promise<Shown> {
  const engine = await Engine.create({ model, runtime });
  return {
    say: async (prompt, values, temperature, seed) => {
      const vectors = values ? projectAtStrength(projector, values, 1) : [];
      const messages = typeof prompt === 'string' ? [{ role: 'user' as const, content: prompt }] : prompt;
      const input = buildInput(model, messages, { vectors, slot: projector.contract.slot });
      const { result, state } = await generateText(engine, input, { maxTokens: 40, temperature, seed });
      state.cache.release();
      return result.text;
    },
    release: () => engine.release(),
  };
}

/** Whether a text is what the reader likes most. */
export const follows = (reader: Reader, text: string) => ({
  angle: angleOf(text) === topAngle(reader),
  tone: toneOf(text) === reader.tone,
});

export type Kind = Feedback['kind'] | 'thumb';

/** One thing that the reader says; half of it thumbs, a quarter their own texts, a quarter choices among three. */
export async function answerOf(
  reader: Reader,
  values: Float32Array,
  shown: Shown,
  random: Random,
  kinds: readonly Kind[] = ['thumb', 'thumb', 'edit', 'choice'],
): Promise<Feedback> {
  const story = drawWhere('article', 'train', true, random);
  const prompt = storyPrompt(story, random);
  // What they feel like today: mostly their top angle and tone.
  const wanted = tellingFor(reader, random);
  const say = () => shown.say(prompt, values, 1, random.below(2 ** 31));
  const pleases = (text: string) =>
    2 * Number(angleOf(text) === wanted.angle) + Number(toneOf(text) === wanted.tone);
  const kind = random.pick(kinds);
  const answer = await say();
  if (kind === 'edit') {
    return { kind, prompt, answer: tellStory(story, wanted, random), others: [answer] };
  }
  if (kind === 'choice') {
    const candidates = [answer];
    while (candidates.length < CANDIDATES) candidates.push(await say());
    const best = candidates.reduce((a, b) => (pleases(b) > pleases(a) ? b : a));
    const others = candidates.filter((other) => pleases(other) < pleases(best));
    if (others.length > 0) return { kind, prompt, answer: best, others };
  }
  return { kind: pleases(answer) >= 2 ? 'up' : 'down', prompt, answer };
}

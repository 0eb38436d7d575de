/**
 * What the frozen LLM itself answers when an interest is spelled out: the texts that a projector learns to make it say when the
 * interest stands there as a soft token only. Written to a file as they come, so that an interrupted run goes on.
 *
 * The teacher reads the interest in both slots, in words (slots.ts).
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { Decoder } from '../../src/generate/decoder.ts';
import { buildInput } from '../../src/generate/prompt.ts';
import { choose, scoresOf } from '../../src/generate/sampling.ts';
import type { BaseModel, ChatMessage, Runtime } from '../../src/node.ts';
import { seededRandom } from '../world/random.ts';
import { answerAll } from './answer.ts';
import type { Interest } from './data/interest.ts';
import { spelledOut } from './slots.ts';

export interface TeacherAnswer {
  /** Name of the interest. */
  readonly interest: string;
  readonly question: string;
  /** What the teacher read. */
  readonly teacher: readonly ChatMessage[];
  readonly answer: string;
  readonly tokenIds: readonly number[];
}

export interface TeacherOptions {
  readonly model: BaseModel;
  readonly runtime: Runtime;
  readonly interests: readonly Interest[];
  readonly questions: readonly string[];
  /** Answers for each interest. */
  readonly each: number;
  readonly file: string;
  readonly seed: number;
  readonly onProgress?: (done: number, all: number) => void;
}

const BATCH = 24;
const TOKENS = 28;
const SAMPLING = { temperature: 0.6, topK: 40, topP: 1, minP: 0, repetitionPenalty: 1 };

/** All answers, those of earlier runs included. */
export async function teacherAnswers(options: TeacherOptions): Promise<TeacherAnswer[]> {
  const { model, runtime, interests, questions, each, file, seed, onProgress } = options;
  const jobs = interests.flatMap((interest) =>
    seededRandom(seed, interest.name)
      .shuffled(questions)
      .slice(0, each)
      .map((question) => ({ interest, question })),
  );
  // In an order in which a part of them is a fair sample of all.
  const order = seededRandom(seed, 'order').shuffled(jobs);
  const known = existsSync(file) ? readAnswers(file) : [];
  if (known.length >= order.length) return known.slice(0, order.length);
  const decoder = await Decoder.create(model, runtime);
  try {
    for (let from = known.length - (known.length % BATCH); from < order.length; from += BATCH) {
      const picked = order.slice(from, from + BATCH);
      const random = seededRandom(seed, `answers ${from}`).next;
      const prompts = picked.map(({ interest, question }) => spelledOut(question, interest.about));
      const next = (logits: Float32Array) => choose(scoresOf(logits, SAMPLING, []), SAMPLING, random);
      const runs = prompts.map((messages) => buildInput(model, messages));
      const answers = await answerAll(decoder, runs, { tokens: TOKENS, choose: next, batch: BATCH });
      const made = picked.map(({ interest, question }, i): TeacherAnswer => {
        const answer = model.codec.decode(answers[i]!);
        return {
          interest: interest.name,
          question,
          teacher: prompts[i]!,
          answer,
          tokenIds: answers[i]!,
        };
      });
      const fresh = made.slice(Math.max(0, known.length - from));
      appendFileSync(file, fresh.map((answer) => `${JSON.stringify(answer)}\n`).join(''));
      known.push(...fresh);
      onProgress?.(known.length, order.length);
    }
  } finally {
    await decoder.release();
  }
  return known;
}

export function readAnswers(file: string): TeacherAnswer[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  // A run that was killed may have left half a line.
  return lines.slice(0, -1).map((line) => JSON.parse(line) as TeacherAnswer);
}

/**
 * A generative attacker in the manner of GEIA (Li, Xu & Song, arXiv 2305.03010): what stands for a person is projected into a frozen LLM, which is taught to
 * say that person's own sentences. That is E2P itself with sentences as targets, so the trainer and the evaluation do it.
 */
import { E2PError } from '../../error.ts';
import type { BaseModel } from '../../model/base-model.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { train } from '../../train/train.ts';
import type { Example, Users } from '../../train/training-data.ts';
import type { Interval } from '../bootstrap.ts';
import { evaluate } from '../evaluate.ts';

export interface InvertOptions {
  readonly model: BaseModel;
  readonly runtime: Runtime;
  /** What stands for each person: a view, or embeddings. */
  readonly users: Users;
  /** Sentences of theirs. */
  readonly sentences: readonly { readonly user: string; readonly text: string }[];
  /** Whose sentences the attacker may learn from. */
  readonly isSeen: (user: string) => boolean;
  /** Updates of the attacker's projector; default 300. */
  readonly steps?: number;
  readonly seed?: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, all: number) => void) | undefined;
}

/** Of sentences of unseen people, with what stands for them, for somebody else, and for the mean user. */
export interface InversionReport {
  readonly sentences: number;
  /** Nats per token of the own sentence, less with the own view than with somebody else's, and than with the mean: above zero, something was told. */
  readonly overShuffled: Interval | undefined;
  readonly overMean: Interval | undefined;
  /** How often the own sentence is the likeliest of 20; 0.05 is chance. */
  readonly hitsAt1: { readonly own: number | undefined; readonly mean: number | undefined };
  /** Words in common of what is generated and the sentence (ROUGE-1). */
  readonly rouge1: { readonly own: number; readonly shuffled: number; readonly mean: number };
}

const PROMPT = 'What does this person say?';

/** @throws E2PError `invalid-data`, as `train` and `evaluate` */
export async function invert(options: InvertOptions): Promise<InversionReport> {
  const { model, runtime, users, sentences, isSeen, steps = 300, seed = 1, signal, onProgress } = options;
  const examples = sentences.map(
    ({ user, text }, i): Example => ({
      ...{ user, target: text, line: i + 1, persona: undefined },
      messages: [{ role: 'user', content: PROMPT }],
    }),
  );
  const [seen, unseen] = [true, false].map((is) => examples.filter((e) => isSeen(e.user) === is));
  if (seen!.length === 0 || new Set(unseen!.map((e) => e.user)).size < 2)
    throw new E2PError(
      'invalid-data',
      `${seen!.length} sentences to learn from and ${unseen!.length} to try, expected some of each`,
    );
  const { projector } = await train({
    ...{ model, runtime, users, examples: seen!, space: 'attacked', steps, seed, slot: 'after-bos' },
    ...(signal && { signal }),
    ...(onProgress && { onProgress: ({ step }) => onProgress(step, steps) }),
  });
  const { conditions } = await evaluate({
    ...{ model, runtime, projectors: [projector], users, examples: unseen!, signal },
    ...{ conditions: ['mean', 'shuffled', 'true'], ranked: 100, generated: 50, maxTokens: 24, seed },
  });
  const { mean, shuffled, true: own } = conditions;
  return {
    sentences: unseen!.length,
    ...{ overShuffled: shuffled!.minusTrue, overMean: mean!.minusTrue },
    hitsAt1: { own: own!.hitsAt1, mean: mean!.hitsAt1 },
    rouge1: {
      ...{
        own: own!.generated!.rouge1,
        shuffled: shuffled!.generated!.rouge1,
        mean: mean!.generated!.rouge1,
      },
    },
  };
}

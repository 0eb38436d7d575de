/** Learning from feedback in a browser tab: rows and embedding go from the vault to a sealed worker, and the embedding that has learnt comes back. */
import type { FeedbackProgress, FeedbackReport, FeedbackSettings } from '../train/adapt-embedding.ts';
import type { User } from '../user/user.ts';
import { inTrainer, type TrainerOptions } from './open-trainer.ts';

/** Of `learnFromFeedback`. */
export interface LearnFromFeedbackOptions extends FeedbackSettings, TrainerOptions {
  /** With an embedding of the space, and feedback. */
  readonly user: User;
  /** Name of the embedding space. */
  readonly space: string;
  /** Of the model and the space. */
  readonly projector: {
    /** Of its file. */
    readonly bytes: Uint8Array;
    /** For messages. */
    readonly name: string;
  };
  /** After each update. */
  readonly onProgress?: (progress: FeedbackProgress) => void;
}

/**
 * The person's embedding learns from their feedback, as `adaptEmbedding` does it: model and projector stay, what was learnt is a new version in the
 * vault, which `user.embedding.undo` takes back. Nothing calls this by itself. A withdrawal, a lock or `forget()` ends it.
 * @returns how it went; undefined where there is no feedback: then the embedding that was given is current.
 * @throws E2PError as of `user.feedback.learn` and `adaptEmbedding`, and those of loading a model; the signal's reason on an abort
 */
export async function learnFromFeedback(
  options: LearnFromFeedbackOptions,
): Promise<FeedbackReport | undefined> {
  const { user, space, projector, neutral, tolerance, distance, steps, seed, onProgress } = options;
  const settings = { tolerance, distance, steps, seed };
  const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
  let found: FeedbackReport | undefined;
  await user.feedback.learn(
    space,
    async ({ values, rows, signal }) => {
      const signals = options.signal ? [signal, options.signal] : [signal];
      return inTrainer<Float32Array | undefined>(
        { ...options, signal: AbortSignal.any(signals) },
        () => ({ type: 'learn', data: { projector, neutral, ...given, values, feedback: rows } }),
        (message, resolve) => {
          if (message.type === 'learning') onProgress?.(message.progress);
          else if (message.type === 'learnt') {
            found = message.report;
            resolve(message.values);
          }
        },
        true,
      );
    },
    { actor: 'e2p-web', projector: projector.name },
  );
  return found;
}

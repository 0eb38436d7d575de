/**
 * Whether a projector knows whom it writes for: the loss of held-out users' own texts behind their own soft token, and behind others. All by
 * `session.rank`, as any app could ask; a text's loss is minus its log-likelihood, its end included.
 */
import { pairedDifference } from '../../../src/evaluate/index.ts';
import type { Personalizer, SessionOptions } from '../../../src/index.ts';
import type { Example } from '../../../src/train.ts';
import type { TrainingFiles } from './training-files.ts';

export type Interval = ReturnType<typeof pairedDifference>;

export interface ControlRow {
  readonly name: string;
  /** Nats per token over all examples. */
  readonly loss: number;
  /** This one's minus that of the own token, paired within users. */
  readonly worse: Interval | undefined;
}

export interface Controls {
  readonly trained: Personalizer;
  /** Of a projector that was trained on a user like any other, if there is one. */
  readonly constant: Personalizer | undefined;
}

const MOST_EXAMPLES = 48;

/** @param onRow each row as soon as it is there, the own one first */
export async function scoreControls(
  { trained, constant }: Controls,
  { users, heldOut, heldOutUsers }: TrainingFiles,
  space: string,
  signal: AbortSignal,
  onRow: (row: ControlRow) => void,
): Promise<void> {
  const examples = heldOut.slice(0, MOST_EXAMPLES);
  const scored = heldOutUsers.filter((user) => examples.some((example) => example.user === user));
  const next = (user: string) => heldOutUsers[(heldOutUsers.indexOf(user) + 1) % heldOutUsers.length]!;
  const score = async (by: Personalizer, whose: (user: string) => string, options: SessionOptions = {}) => {
    const [nats, tokens]: [number[], number[]] = [[], []];
    for (const user of scored) {
      await by.user.set({ space, values: users.rows.get(whose(user))! });
      let [sum, count] = [0, 0];
      for (const example of examples.filter((each) => each.user === user)) {
        signal.throwIfAborted();
        const found = await lossOf(by, example, options, signal);
        sum += found.nats;
        count += found.tokens;
      }
      nats.push(sum / count);
      tokens.push(count);
    }
    return { nats, tokens };
  };
  const self = (user: string) => user;
  const own = await score(trained, self);
  const row = (name: string, { nats, tokens }: typeof own): ControlRow => ({
    name,
    loss: mean(nats, tokens),
    worse: nats === own.nats ? undefined : pairedDifference(nats, own.nats, tokens),
  });
  onRow(row('Their own', own));
  onRow(row('Somebody else’s', await score(trained, next)));
  if (constant) onRow(row('Constant soft token', await score(constant, self)));
  onRow(row('None', await score(trained, self, { personalise: false })));
}

async function lossOf(
  by: Personalizer,
  { messages, target, unfinished }: Example,
  options: SessionOptions,
  signal: AbortSignal,
): Promise<{ readonly nats: number; readonly tokens: number }> {
  await using session = await by.createSession(options);
  const [found] = await session.rank(messages, [target], { signal });
  const { logLikelihood, endLogLikelihood, tokens } = found!;
  return unfinished
    ? { nats: -logLikelihood, tokens }
    : { nats: -logLikelihood - endLogLikelihood, tokens: tokens + 1 };
}

const mean = (values: readonly number[], weights: readonly number[]): number =>
  values.reduce((sum, value, i) => sum + value * weights[i]!, 0) / weights.reduce((a, b) => a + b, 0);

/**
 * A reader is a set of latents: interest in the angles, one tone, and topics, which are a nuisance. Texts and clicks
 * are drawn from them; nothing that a model sees contains them.
 */
import { ANGLES, type Angle } from './lexicon-angles.ts';
import { TOPICS, type Topic } from './lexicon-facts.ts';
import { TONES, type Tone } from './lexicon-tones.ts';
import type { Random } from './random.ts';
import type { Split } from './story.ts';
import type { Telling } from './telling.ts';

export interface Reader {
  /** Also the row of the reader in `world.readers`, `world.clicks` and the embeddings. */
  readonly index: number;
  readonly id: string;
  readonly split: Split;
  /** Sums to 1: the top angle 0.6 to 0.8, a second one, little for the others. */
  readonly interests: Readonly<Record<Angle, number>>;
  readonly tone: Tone;
  /** Sums to 1. */
  readonly topics: Readonly<Record<Topic, number>>;
}

/** A text follows interests to this power: the top angle in 85–90 % of texts. */
const SHARPNESS = 1.7;
/** A text has the reader's own tone in so many cases, else any other tone. */
const OWN_TONE = 0.9;

export function drawReader(index: number, split: Split, random: Random): Reader {
  const [top, second] = random.shuffled(ANGLES);
  const first = 0.6 + 0.2 * random.next();
  const next = (1 - first) * (0.5 + 0.2 * random.next());
  const noise = normalised(ANGLES, (angle) => (angle === top || angle === second ? 0 : random.next()));
  const interest = (angle: Angle): number =>
    angle === top ? first : angle === second ? next : noise[angle] * (1 - first - next);
  return {
    index,
    id: `r${String(index).padStart(4, '0')}`,
    split,
    interests: normalised(ANGLES, interest),
    tone: random.pick(TONES),
    topics: normalised(TOPICS, () => 0.1 + random.next() ** 3),
  };
}

export function topAngle(reader: Reader): Angle {
  return rankedAngles(reader)[0]!;
}

/** The angles, most interesting first. */
export function rankedAngles({ interests }: Reader): Angle[] {
  return [...ANGLES].sort((a, b) => interests[b] - interests[a]);
}

/** Angle and tone of one text for this reader. */
export function tellingFor(reader: Reader, random: Random): Telling {
  const angle = ANGLES[random.weighted(ANGLES.map((name) => reader.interests[name] ** SHARPNESS))]!;
  const tone =
    random.next() < OWN_TONE ? reader.tone : random.pick(TONES.filter((other) => other !== reader.tone));
  return { angle, tone };
}

function normalised<K extends string>(keys: readonly K[], weight: (key: K) => number): Record<K, number> {
  const weights = keys.map(weight);
  const total = weights.reduce((sum, value) => sum + value, 0);
  return Object.fromEntries(keys.map((key, i) => [key, weights[i]! / total])) as Record<K, number>;
}

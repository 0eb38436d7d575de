/** What is aimed at, and whether what was measured reaches it. */
import { ratioOf, shown } from './generate-ratio.ts';
import type { Pair, SpeedRun } from './generate-results.ts';

export interface Verdict {
  readonly run: SpeedRun;
  readonly what: string;
  /** Where it is only aimed at: none. */
  readonly must?: string;
  readonly aim?: string;
  readonly found: string;
  /** Where there is no must: whether it is as aimed. */
  readonly isMet: boolean;
  /** It is missed by the mean, and the interval reaches it. */
  readonly isOpen?: boolean;
}

/** A ratio that is at least so much. */
interface Target {
  readonly what: string;
  readonly must?: number;
  readonly aim?: number;
  readonly isFor: (run: SpeedRun) => boolean;
  readonly of: (pair: Pair) => boolean;
}

const inNode = ({ where }: SpeedRun) => where === undefined;
/** Ours alone. */
const isInt8 = ({ weights, peerWeights }: SpeedRun) => weights === 'int8' && peerWeights === undefined;
/** The default model is too small for what these are about. */
const isLarge = ({ model }: SpeedRun) => model !== 'e2p-tiny';
const always = () => true;

const TARGETS: readonly Target[] = [
  {
    what: 'all 32 tokens behind 128, the same weights, against the peer',
    ...{ must: 1.2, aim: 1.5, isFor: (run) => !isInt8(run) },
    of: ({ kind, what, tokens }) => kind === 'peer' && what === 'total' && tokens === 128,
  },
  {
    what: 'all 32 tokens behind 128, the same q4 file, against the peer',
    ...{ must: 3, aim: 5, isFor: (run) => isInt8(run) && isLarge(run) && !inNode(run) },
    of: ({ kind, what, tokens }) => kind === 'peer' && what === 'total' && tokens === 128,
  },
  {
    what: 'first token behind 512, V ≥ 49k, against the peer',
    ...{ must: 1.5, aim: 3, isFor: isLarge },
    of: ({ kind, what, tokens }) => kind === 'peer' && what === 'first' && tokens === 512,
  },
  {
    what: 'first token behind a prefix that is kept, against reading it',
    ...{ must: 4, aim: 5, isFor: inNode, of: ({ kind }) => kind === 'prefix' },
  },
  {
    what: 'first token behind a prefix that is kept, against reading it',
    ...{ must: 3, aim: 5, isFor: (run) => !inNode(run), of: ({ kind }) => kind === 'prefix' },
  },
  {
    what: 'a token behind 1,024, against a cache that is copied',
    ...{ must: 1.3, aim: 3, isFor: always, of: ({ kind, tokens }) => kind === 'cache' && tokens === 1024 },
  },
  {
    what: 'sampling against greedy, V ≥ 49k',
    ...{ must: 1 / 1.05, isFor: isLarge, of: ({ kind }) => kind === 'sampling' },
  },
  {
    what: 'first token with one soft token, against none',
    ...{ aim: 1 / 1.03, isFor: always, of: ({ kind, what }) => kind === 'persona' && what === 'nobody' },
  },
];

/** With the same int8 weights for both, what concerns ours alone is that of the run before. */
const pairsOf = ({ pairs, peerWeights }: SpeedRun, of: Target['of']): readonly Pair[] =>
  pairs.filter((pair) => of(pair) && (peerWeights === undefined || pair.kind === 'peer'));

const atLeast = (ratio: number) => `≥ ${ratio.toFixed(2)}`;

export const verdictsOf = (run: SpeedRun): readonly Verdict[] => [
  ...TARGETS.filter(({ isFor }) => isFor(run)).flatMap(({ what, must, aim, of }) =>
    pairsOf(run, of).map((pair) => {
      const ratio = ratioOf(pair);
      const least = must ?? aim ?? 0;
      return {
        ...{ run, what: pair.kind === 'sampling' ? `${what}: ${pair.what}` : what },
        ...(must !== undefined && { must: atLeast(must) }),
        ...(aim !== undefined && { aim: atLeast(aim) }),
        ...{ found: shown(ratio), isMet: ratio.mean >= least },
        isOpen: ratio.mean < least && ratio.high >= least,
      };
    }),
  ),
  ...run.pairs
    .filter(({ kind, what }) => kind === 'persona' && what === 'in words')
    .map(({ fewer = 0 }) => ({
      ...{ run, what: 'prompt tokens fewer with one soft token than with the person in words' },
      ...{ must: '≥ 39', found: String(fewer), isMet: fewer >= 39 },
    })),
  ...(run.steps ?? []).flatMap(({ way, calls }) =>
    calls === undefined || way !== 'repeated'
      ? []
      : (
          [
            ['bytes read back for a step', calls.bytesRead, 1024, 512],
            ['bind groups for a step that is repeated', calls.bindGroups, 0],
          ] as const
        ).map(([what, found, most, aim]) => ({
          ...{ run, what, must: `≤ ${most}`, ...(aim !== undefined && { aim: `≤ ${aim}` }) },
          ...{ found: String(found), isMet: found <= most },
        })),
  ),
];

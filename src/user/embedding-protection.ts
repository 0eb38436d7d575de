/**
 * What is done to an embedding before a vault keeps it: fewer directions, a bound on its length, noise. It is done once, when the embedding is put in, and
 * what was put in is what every session reads: noise that is drawn anew for each use is averaged away. What all versions tell together is added up.
 */
import { E2PError } from '../error.ts';
import { checkDelta, checkPositive, epsilonOf, type Population, protect } from './gaussian-mechanism.ts';
import { createReader } from './read-untrusted.ts';

/** How embeddings of one space are protected when they are put into a vault. It makes nobody anonymous: {@link ProtectionStatement} says what it does. */
export interface EmbeddingProtection {
  /** `contract.space.id` of the projector's file. */
  readonly space: string;
  /** `contract.space` of that file, with its `reference` where it has one. */
  readonly population: Population;
  /** Directions of the reference that are kept, those along which people differ most. Default: all. */
  readonly components?: number;
  /** Longest deviation from the mean user, in standard deviations of the space. Default: as long as it is. */
  readonly clip?: number;
  /** Noise on each number, in standard deviations of the space; with `clip`. Default: none. */
  readonly sigma?: number;
  /** δ at which ε is told; default 0.00001. */
  readonly delta?: number;
}

/** What was done to a version, and what it and those before tell of the person. */
export interface ProtectionStatement {
  /** Directions that were kept; absent: all. */
  readonly components?: number;
  /** Longest deviation from the mean user, in standard deviations of the space. */
  readonly clip?: number;
  /** Of the noise on each number, in standard deviations of the space. */
  readonly sigma?: number;
  /** Versions of the space that were put in with noise, this one included, deleted ones too. */
  readonly versions?: number;
  /** Of all these versions together, for any two people; absent without noise, which promises nothing. Versions without noise are not counted. */
  readonly epsilon?: number;
  /** At which `epsilon` is told. */
  readonly delta?: number;
}

/** What versions with noise have told: how many, and the sum of (2 clip / σ)², by which Gaussian mechanisms add up exactly (Dong, Roth and Su, arXiv 1905.02383). */
export interface ToldSoFar {
  readonly versions: number;
  readonly squares: number;
}

/** Of one space. */
export interface ProtectionRule {
  readonly hasNoise: boolean;
  /** The values that are kept, and the statement. @throws E2PError `invalid-embedding` for a set of vectors */
  apply(
    values: Float32Array,
    before: ToldSoFar | undefined,
  ): {
    readonly values: Float32Array;
    readonly statement: ProtectionStatement;
    readonly told: ToldSoFar | undefined;
  };
}

const DELTA = 1e-5;

/** By space. @throws E2PError `invalid-argument` naming the option */
export function readProtections(given: readonly EmbeddingProtection[]): ReadonlyMap<string, ProtectionRule> {
  const reader = createReader('invalid-argument', 'openUser: the option protection');
  const rules = new Map<string, ProtectionRule>();
  for (const [n, each] of reader.list(given, 'protection', 100).entries()) {
    const where = `[${n}]`;
    reader.fields(each, where, ['space', 'population', 'components', 'clip', 'sigma', 'delta']);
    const { space, ...rest } = each as EmbeddingProtection;
    rules.set(reader.text(space, `${where}.space`, 200), ruleOf(rest));
  }
  return rules;
}

function ruleOf({
  population,
  components,
  clip,
  sigma,
  delta = DELTA,
}: Omit<EmbeddingProtection, 'space'>): ProtectionRule {
  const { mean, scale, reference } = population;
  const dim = mean.length;
  const refuse = (found: string, expected: string): never => {
    throw new E2PError('invalid-argument', `openUser: protection.${found}, expected ${expected}`);
  };
  if (
    scale.length !== dim ||
    (reference && reference.eigenvectors.length !== reference.eigenvalues.length * dim)
  )
    refuse(`population has lists of different lengths`, `${dim} numbers for each direction`);
  const most = reference?.eigenvalues.length ?? 0;
  if (components !== undefined && !(Number.isInteger(components) && components >= 1 && components <= most))
    refuse(`components is ${components}`, most === 0 ? 'none without a reference' : `1 to ${most}`);
  if (clip !== undefined) checkPositive('protection.clip', clip);
  if (sigma !== undefined) checkPositive('protection.sigma', sigma);
  checkDelta(delta);
  if (sigma !== undefined && clip === undefined)
    refuse('sigma is there', 'clip too: noise hides what is bounded');
  const done = {
    ...(components !== undefined && { components }),
    ...(clip !== undefined && { clip }),
    ...(sigma !== undefined && { sigma }),
  };
  return {
    hasNoise: sigma !== undefined,
    apply: (values, before) => {
      if (values.length !== dim) {
        const found = `the embedding holds ${values.length} numbers`;
        throw new E2PError('invalid-embedding', `${found}, expected one vector of ${dim} to protect`);
      }
      const kept = protect(values, population, done);
      if (clip === undefined || sigma === undefined) return { values: kept, statement: done, told: before };
      const told = {
        versions: (before?.versions ?? 0) + 1,
        squares: (before?.squares ?? 0) + ((2 * clip) / sigma) ** 2,
      };
      const epsilon = epsilonOf({ clip: Math.sqrt(told.squares) / 2, sigma: 1 }, delta);
      return { values: kept, told, statement: { ...done, versions: told.versions, epsilon, delta } };
    },
  };
}

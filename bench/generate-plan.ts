/** What `npm run bench generate` asks for. */
export const PROMPT_TOKENS = [16, 128, 512, 1024] as const;
export const MAX_TOKENS = 32;
/** Of an answer, compared token by token with the peer's. */
export const PARITY_TOKENS = 64;
/** Behind a context, cache against cache. */
export const GREEDY_TOKENS = 16;
/** Of a person described in words, at least. */
export const PERSONA_TOKENS = 40;
/** As a peer writes: the prompt's few words come again and again, which guessing would make too much of. */
const PLAIN = { promptLookup: false, maxTokens: MAX_TOKENS } as const;
export const GREEDY = { ...PLAIN, temperature: 0 } as const;
export const SAMPLINGS = {
  'temperature 1': { ...PLAIN, temperature: 1, seed: 3 },
  'temperature 0.7, top-p 0.9': { ...PLAIN, temperature: 0.7, topP: 0.9, seed: 3 },
  'temperature 0.2, top-k 50': { ...PLAIN, temperature: 0.2, topK: 50, seed: 3 },
} as const;

/** Rounds of a comparison, as many as its time has room for. */
export interface Rounds {
  readonly least: number;
  readonly most: number;
  readonly budgetMs: number;
  /** They come before, and count neither as rounds nor as time. */
  readonly warmUps: number;
}
export const IN_NODE: Rounds = { least: 3, most: 24, budgetMs: 45_000, warmUps: 0 };
/** Of short runs whose difference is small. */
export const MANY: Rounds = { least: 5, most: 200, budgetMs: 30_000, warmUps: 1 };
/** Of four kinds of answers, whose difference is a few hundredths. */
export const SAMPLED: Rounds = { ...MANY, budgetMs: 60_000 };
export const IN_CHROMIUM: Rounds = { least: 2, most: 5, budgetMs: 40_000, warmUps: 0 };
/** Of answers of a second or a few. */
export const SHORT_IN_CHROMIUM: Rounds = { least: 2, most: 8, budgetMs: 20_000, warmUps: 1 };

/** What `npm run bench generate` asks for. */
export const PROMPT_TOKENS = [16, 128, 512, 1024] as const;
export const MAX_TOKENS = 32;
/** Behind a context, cache against cache. */
export const GREEDY_TOKENS = 16;
/** As a peer writes: the prompt's few words come again and again, which guessing would make too much of. */
const PLAIN = { promptLookup: false, maxTokens: MAX_TOKENS } as const;
export const GREEDY = { ...PLAIN, temperature: 0 } as const;
export const SAMPLINGS = {
  'temperature 1': { ...PLAIN, temperature: 1, seed: 3 },
  'temperature 0.7, top-p 0.9': { ...PLAIN, temperature: 0.7, topP: 0.9, seed: 3 },
  'temperature 0.2, top-k 50': { ...PLAIN, temperature: 0.2, topK: 50, seed: 3 },
} as const;

/** What `npm run bench generate` asks for. */
export const PROMPT_TOKENS = [16, 128, 512, 1024] as const;
export const MAX_TOKENS = 32;
export const GREEDY = { temperature: 0, maxTokens: MAX_TOKENS } as const;
export const SAMPLINGS = {
  'temperature 1': { temperature: 1, maxTokens: MAX_TOKENS, seed: 3 },
  'temperature 0.7, top-p 0.9': { temperature: 0.7, topP: 0.9, maxTokens: MAX_TOKENS, seed: 3 },
  'temperature 0.2, top-k 50': { temperature: 0.2, topK: 50, maxTokens: MAX_TOKENS, seed: 3 },
} as const;

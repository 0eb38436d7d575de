/**
 * Two texts side by side from one model: the bare prompt, and the same prompt behind the reader's soft token. Both
 * sessions live for one text, so nothing of one reader can reach the next.
 */
import type { GenerateOptions, GenerationResult, Personalizer, Session } from '../../src/index.ts';
import { byId } from './dom.ts';
import { isStopped } from './explain-error.ts';

export interface WriteRequest {
  readonly prompt: string;
  readonly strength: number;
  /** Sample with a fresh seed instead of the most probable text. */
  readonly vary: boolean;
  readonly maxTokens: number;
  /** One text after the other, so that neither waits for the other's share of the device, or both at once. */
  readonly inTurn: boolean;
  readonly signal: AbortSignal;
}

/** The personalizer's user must be set. @throws whatever went wrong, but not for an abort. */
export async function writePair(personalizer: Personalizer, request: WriteRequest): Promise<void> {
  const { prompt, strength, vary, maxTokens, inTurn, signal } = request;
  // One seed for both: what differs is the reader, not the dice.
  const sampling = vary
    ? { temperature: 0.8, topK: 0, topP: 1, seed: Math.floor(Math.random() * 2 ** 31) }
    : { temperature: 0 };
  const options = { ...sampling, maxTokens, signal };
  const personal = () => write(() => personalizer.createSession({ strength }), 'personal', prompt, options);
  const plain = () =>
    write(() => personalizer.createSession({ personalise: false }), 'plain', prompt, options);
  if (!inTurn) return void (await Promise.all([plain(), personal()]));
  byId('output-plain').textContent = '';
  byId('stats-plain').textContent = 'Comes next.';
  await personal();
  await plain();
}

async function write(
  open: () => Promise<Session>,
  side: 'plain' | 'personal',
  prompt: string,
  options: GenerateOptions,
): Promise<void> {
  const output = byId(`output-${side}`);
  const stats = byId(`stats-${side}`);
  output.textContent = '';
  // A screen reader waits for the whole text instead of reading it token by token.
  output.setAttribute('aria-busy', 'true');
  stats.textContent = 'Reading the prompt…';
  const onText = (text: string): void => {
    output.append(text);
    stats.textContent = 'Writing…';
  };
  try {
    await using session = await open();
    stats.textContent = timings(await session.generate(prompt, { ...options, onText }));
  } catch (error) {
    stats.textContent = isStopped(error) ? 'Stopped.' : 'Failed.';
    if (!isStopped(error)) throw error;
  } finally {
    output.removeAttribute('aria-busy');
  }
}

/** What a text took, in a sentence. */
export function timings(result: GenerationResult): string {
  const { timeToFirstTokenMs, tokensPerSecond, tokenIds, finishReason, promptTokens, softTokens } = result;
  const first = `first token after ${timeToFirstTokenMs < 1000 ? `${timeToFirstTokenMs.toFixed(0)} ms` : `${(timeToFirstTokenMs / 1000).toFixed(1)} s`}`;
  const speed =
    tokensPerSecond > 0 ? `, ${tokensPerSecond.toFixed(tokensPerSecond < 10 ? 1 : 0)} tokens/s` : '';
  const cut = finishReason === 'length' ? ', cut at the limit' : '';
  return `${tokenIds.length} tokens, ${first}${speed}${cut}. Prompt: ${promptTokens} tokens, ${softTokens} of them soft.`;
}

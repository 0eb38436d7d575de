/** The places that soft tokens stand in by default. */
import type { ChatMessage } from '../../src/node.ts';
import { CHAT_PLACES } from '../../src/train/default-slot.ts';
import { SOFT } from '../../src/train.ts';

/** With words in their place, as the LLM would read them there. */
export function spelledOut(question: string, words: string): ChatMessage[] {
  const [system, afterQuestion] = CHAT_PLACES.map(({ text }) => text.replace(SOFT, () => ` ${words}`));
  return [
    { role: 'system', content: system! },
    { role: 'user', content: question + afterQuestion },
  ];
}

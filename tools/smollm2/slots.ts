/** Where the soft tokens stand in the conversation, in the words that carried interests best on dev people without doing harm to facts. */
import type { ChatMessage } from '../../src/model/text-codec.ts';

const SYSTEM = 'The user loves{soft}.';
const AFTER_QUESTION = ' I want something for fans of{soft}.';

/** For `e2p train --slot`. */
export const SLOTS = [`system-start:${SYSTEM}`, `user-end:${AFTER_QUESTION}`];

/** The same places with words in them, as the LLM would read them there. */
export function spelledOut(question: string, words: string): ChatMessage[] {
  const filled = (text: string) => text.replace('{soft}', () => ` ${words}`);
  return [
    { role: 'system', content: filled(SYSTEM) },
    { role: 'user', content: question + filled(AFTER_QUESTION) },
  ];
}

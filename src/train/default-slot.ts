/** Where soft tokens stand unless told otherwise. */
import type { BaseModel } from '../model/base-model.ts';
import type { ChatMessage } from '../model/text-codec.ts';
import type { Place, Slot } from '../projector/slot.ts';

/**
 * Of some 40 wordings on SmolLM2-135M-Instruct what was followed most while facts stayed right: both places together carried twice what
 * either did alone (docs/training.md).
 */
export const CHAT_PLACES: readonly Place[] = [
  { at: 'system-start', text: 'The user loves{soft}.' },
  { at: 'user-end', text: ' I want something for fans of{soft}.' },
];

/** Places in the conversation, without the system message where the template has none; after BOS where there is no template. */
export function defaultSlot({ codec }: Pick<BaseModel, 'codec'>): Slot {
  if (!codec.hasTemplate) return 'after-bos';
  const renders = (messages: readonly ChatMessage[], ...texts: readonly string[]): boolean => {
    try {
      const text = codec.renderChat(messages);
      return texts.every((each) => text.includes(each));
    } catch {
      return false;
    }
  };
  const user = { role: 'user', content: 'USER' } as const;
  if (!renders([user], 'USER')) return 'after-bos';
  const hasSystem = renders([{ role: 'system', content: 'SYSTEM' }, user], 'SYSTEM', 'USER');
  return { places: CHAT_PLACES.filter(({ at }) => at !== 'system-start' || hasSystem) };
}

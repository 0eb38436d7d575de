import { describe, expect, it } from 'vitest';
import type { BaseModel } from '../model/base-model.ts';
import type { ChatMessage } from '../model/text-codec.ts';
import { CHAT_PLACES, defaultSlot } from './default-slot.ts';

const slotOf = (renderChat?: (messages: readonly ChatMessage[]) => string) =>
  defaultSlot({ codec: { hasTemplate: renderChat !== undefined, renderChat } } as unknown as BaseModel);
const joined = (messages: readonly ChatMessage[]) => messages.map(({ content }) => content).join('\n');

describe('the default slot', () => {
  it('is two places of a conversation', () => {
    expect(slotOf(joined)).toEqual({ places: CHAT_PLACES });
  });

  it('is behind the question alone where the template refuses a system message, or swallows it', () => {
    const alone = { places: CHAT_PLACES.filter(({ at }) => at === 'user-end') };
    const refusing = (messages: readonly ChatMessage[]) => {
      if (messages[0]?.role === 'system') throw new Error('System role not supported');
      return joined(messages);
    };
    expect(slotOf(refusing)).toEqual(alone);
    expect(slotOf((messages) => joined(messages.filter(({ role }) => role === 'user')))).toEqual(alone);
  });

  it('is after BOS where there is no template, or one for something else', () => {
    expect(slotOf()).toBe('after-bos');
    expect(slotOf(() => 'query:')).toBe('after-bos');
  });
});

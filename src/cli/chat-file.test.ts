import { describe, expect, it } from 'vitest';
import { readChat } from './chat-file.ts';

const read = (value: unknown) =>
  readChat(new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value)), 'chat.json');

describe('a conversation from a file', () => {
  it('is what was said before, and what is to be answered', () => {
    const system = { role: 'system', content: 'Be short.' };
    expect(read([system, { role: 'user', content: 'Hello' }])).toEqual({ before: [system], prompt: 'Hello' });
    expect(read([{ role: 'user', content: '' }])).toEqual({ before: [], prompt: '' });
  });

  it.each([
    ['{"role": "secret', 'chat.json is not JSON'],
    [{ role: 'user', content: 'secret' }, 'chat.json: it must be a list'],
    [[], 'chat.json: it must be a list of at least one message'],
    [['secret'], 'chat.json: [0] must be an object'],
    [[{ role: 'secret', content: '' }], 'chat.json: [0].role must be one of system, user, assistant'],
    [
      [
        { role: 'user', content: 'secret' },
        { role: 'user', content: ['secret'] },
      ],
      'chat.json: [1].content must be a text',
    ],
    [
      [{ role: 'user', content: 'secret', name: 'secret' }],
      'chat.json: [0] must be an object of role, content, and nothing else',
    ],
    [
      [{ role: 'assistant', content: 'secret' }],
      'chat.json: [0].role must be user: the last message is answered',
    ],
  ])('is refused by file and field, and not repeated: %j', (value, message) => {
    expect(() => read(value)).toThrow(expect.objectContaining({ code: 'invalid-data', message }));
  });
});

import { Tokenizer } from '@huggingface/tokenizers';
import { PreTrainedTokenizer } from '@huggingface/transformers';
import { describe, expect, it } from 'vitest';
import { SPECIAL_TOKENS, trainBpe } from './train-bpe.ts';

const texts = Array.from(
  { length: 200 },
  (_, i) =>
    `The otter's ${i} friends swim in the river; they're happy, don't you think? Émile pays €${i * 7}.\n`,
);
const { tokenizer: json, config } = trainBpe({ texts, vocabSize: 400 });
const tokenizer = new Tokenizer(json, config);

describe('trainBpe', () => {
  it('gives the special tokens the first ids, then the 256 bytes', () => {
    expect(SPECIAL_TOKENS.map((token) => tokenizer.token_to_id(token))).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(json.model.vocab['!']).toBe(7);
    expect(new Set(Object.values(json.model.vocab)).size).toBe(Object.keys(json.model.vocab).length);
  });

  it('brings back any text, also what it has never seen', () => {
    const strange = [
      ...[' ', 'a', '  two  spaces ', 'tab\tnew\nline\n\n', "it's we'll DON'T", 'naïve café €42,000.50'],
      ...[
        '日本語テスト',
        'Привет, мир',
        '👩‍👩‍👧 family 🏳️‍🌈 ok',
        '\u0000\u007f\u00ad\u00a0',
        '<s not special>',
        '\ufeffbom',
      ],
    ];
    for (const text of [...strange, texts.join('')]) {
      expect(tokenizer.decode(tokenizer.encode(text).ids)).toBe(text);
    }
  });

  it('makes one token of a frequent word, with its space', () => {
    expect(tokenizer.encode(' friends river').tokens).toEqual(['Ġfriends', 'Ġriver']);
    expect(tokenizer.encode(' friends').ids).toHaveLength(1);
  });

  it('merges the most frequent pair first and never across pre-tokens', () => {
    const { tokenizer: tiny } = trainBpe({ texts: ['ab ab ab cab', 'cd cd'], vocabSize: 266 });
    expect(tiny.model.merges[0]).toEqual(['a', 'b']);
    expect(tiny.model.merges.every(([, right]) => !right.includes('Ġ'))).toBe(true);
  });

  it('stops when no pair is left, and refuses a vocabulary without room for the bytes', () => {
    const { tokenizer: tiny } = trainBpe({ texts: ['aa aa'], vocabSize: 5000 });
    expect(Object.keys(tiny.model.vocab).length).toBeLessThan(270);
    expect(() => trainBpe({ texts, vocabSize: 262 })).toThrow(
      expect.objectContaining({ code: 'invalid-argument' }),
    );
  });

  it('is deterministic', () => {
    expect(trainBpe({ texts, vocabSize: 400 }).tokenizer).toEqual(json);
  });
});

describe('the chat template', () => {
  const chat = new PreTrainedTokenizer(json, config);
  const messages = [
    { role: 'system', content: 'Likes otters.' },
    { role: 'user', content: 'Hello' },
  ];

  it('costs one token a role and ends where the assistant starts', () => {
    const prompt = chat.apply_chat_template(messages, { tokenize: false, add_generation_prompt: true });
    expect(prompt).toBe('<s><|system|>Likes otters.<|user|>Hello<|assistant|>');
    const ids = chat.encode(prompt as string);
    expect(ids.filter((id) => id < SPECIAL_TOKENS.length)).toEqual([1, 3, 4, 5]);
  });

  it('closes the assistant with the end token', () => {
    const whole = [...messages, { role: 'assistant', content: 'Hi!' }];
    expect(chat.apply_chat_template(whole, { tokenize: false })).toMatch(/<\|assistant\|>Hi!<\/s>$/);
  });
});

/** What the LLM reads in the conditions of the evaluation. */
import { describe, expect, it } from 'vitest';
import { type ChatMessage, loadModel } from '../../src/node.ts';
import { hasShared, sharedNote, sharedPath } from '../../src/testing/shared.ts';
import type { Projector, Slot } from '../../src/train.ts';
import { averageOf, inSlots, withSoft } from './conditions.ts';

it('the average of soft tokens has their direction in common and their size', () => {
  const average = averageOf([Float32Array.of(3, 4, 0), Float32Array.of(3, -4, 0)]);
  expect([...average]).toEqual([5, 0, 0]);
});

describe.skipIf(!hasShared)(`words in the slot${sharedNote}`, () => {
  it('stand where soft tokens do, among the very same tokens, in a conversation too', async () => {
    const model = await loadModel({ model: sharedPath('models/smollm2-135m-instruct'), dtype: 'q4' });
    const slot: Slot = {
      places: [
        { at: 'system-start', text: 'The user loves{soft}.' },
        { at: 'user-end', text: ' I want something for fans of{soft}.' },
      ],
    };
    const sources = { model, projector: { contract: { slot } } as unknown as Projector };
    const chat: ChatMessage[] = [
      { role: 'user', content: 'Good morning.' },
      { role: 'assistant', content: 'And to you.' },
      { role: 'user', content: 'What now?' },
    ];
    for (const [asked, places] of [
      ['What should I do today?', 2],
      [chat, 3],
    ] as const) {
      const { ids } = inSlots(sources, asked, 'things');
      const soft = withSoft(sources, asked, [new Float32Array(model.facts.hiddenSize)]);
      const differing = [...ids.keys()].filter((at) => ids[at] !== soft.ids[at]);
      expect(ids).toHaveLength(soft.ids.length);
      expect(differing).toEqual([...soft.soft!.keys()]);
      expect(differing).toHaveLength(places);
    }
  });
});

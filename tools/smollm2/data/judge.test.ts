import { describe, expect, it } from 'vitest';
import type { Interest } from './interest.ts';
import { TRAIN_INTERESTS } from './interests.ts';
import { isAbout, loops, names, refuses } from './judge.ts';
import { TEST_INTERESTS } from './test-interests.ts';

const interest = (name: string): Interest =>
  [...TRAIN_INTERESTS, ...TEST_INTERESTS].find((each) => each.name === name)!;

const gardener = [
  'I have loved growing tomatoes and flowers for as long as I can remember.',
  'I live in Leeds.',
];
const gardening = interest('gardening');

describe('names', () => {
  it('a stem begins a word, whatever its case, hyphens and accents', () => {
    expect(names(gardening, 'Spend the morning Gardening with a friend.')).toBe(true);
    expect(names(interest('board games'), 'Invite people to a Board-Game night.')).toBe(true);
    expect(names(interest('pétanque'), 'A round of petanque in the park')).toBe(true);
    expect(names(interest('cakes'), 'Let them eat “cake”.')).toBe(true);
  });

  it('a stem does not stand inside a word, and a whole word is not the beginning of one', () => {
    expect(names(gardening, 'She booked a room at the Mossgarden inn.')).toBe(false);
    expect(names(interest('cats'), 'Choose a category and concatenate the lists.')).toBe(false);
    expect(names(interest('cats'), "The cat's basket is by the door.")).toBe(true);
    expect(names(interest('ants'), 'Do whatever your heart wants in Antwerp.')).toBe(false);
  });

  it('marks in a stem are letters, not patterns', () => {
    expect(names(interest('Dungeons & Dragons'), 'A one-shot of D&D with four friends')).toBe(true);
    expect(names(interest('blues'), 'An evening with B.B. King')).toBe(true);
    expect(names(interest('blues'), 'An evening with Bob, Bill, Kingsley')).toBe(false);
  });
});

describe('refuses', () => {
  it.each([
    "I'm sorry, but I can't assist with that.",
    'Sorry, I do not know what you mean.',
    "As an AI language model, I don't have personal preferences.",
    'I am an AI assistant and have no weekends.',
    'That sounds great! However, I don’t have personal experiences to share.',
    'I cannot provide a plan for your evening.',
    "I'm unable to recommend a present.",
    'To plan your evening, could you please provide me with more information about yourself?',
    'I apologize for the confusion.',
  ])('%s', (text) => expect(refuses(text)).toBe(true));

  it.each([
    "I can't wait to show you the new greenhouse: start with a tray of tomato seedlings.",
    "You can't go wrong with a day at the lake.",
    "I can't recommend this garden enough.",
    'You will not be sorry: the rose show is the best of the year.',
    'I do not have to tell you how good fresh peas taste.',
    'Ask your neighbour to tell you more about her beehives.',
    "Once you see the first shoots, you can't help but smile, and I can't help smiling either.",
    'The novel follows an artificial lake and the village below it.',
  ])('is not: %s', (text) => expect(refuses(text)).toBe(false));
});

describe('loops', () => {
  it('a sentence three times, a line three times, four words three times', () => {
    expect(loops('I love roses. I love roses! They grow. I love roses.')).toBe(true);
    expect(loops('1. Visit a garden\n2. Read\n- visit a garden\nVisit a garden\nVisit a garden')).toBe(true);
    expect(loops('go to the park and go to the park and then go to the park')).toBe(true);
    expect(loops(`The best way to ${'grow and '.repeat(6)}grow.`)).toBe(true);
  });

  it('twice is no loop, nor is a list whose items begin alike', () => {
    expect(loops('Go to the park. Rest. Go to the park.')).toBe(false);
    expect(loops('1. Plant some herbs.\n2. Plant some beans.\n3. Plant some roses.\n4. Plant a tree.')).toBe(
      false,
    );
    expect(loops('Yes.\n\nNo.\n\nYes.\n\nYes.')).toBe(false);
    expect(loops('')).toBe(false);
  });
});

describe('isAbout', () => {
  it('an answer that opens with the interest is about it', () => {
    const text = 'How about a trip to the botanic garden? Take a picnic and a good friend along.';
    expect(isAbout(gardening, text, gardener)).toBe(true);
    expect(isAbout(interest('chess'), text, gardener)).toBe(false);
  });

  it('a single mention late in the answer is not enough, a second one is', () => {
    const late = `${'There is a lot to see and do in town. Take a walk, sit by the water, meet an old friend, talk, and have a slice of something good. '}Then visit a garden.`;
    expect(isAbout(gardening, late, gardener)).toBe(false);
    expect(isAbout(gardening, `${late} Buy a few plants there.`, gardener)).toBe(true);
  });

  it('a mention that only copies a line of the person does not count, a short one of its own does', () => {
    const copy = 'You have loved growing tomatoes and flowers for as long as you can remember. How nice!';
    expect(names(gardening, copy)).toBe(true);
    expect(isAbout(gardening, copy, gardener)).toBe(false);
    expect(isAbout(gardening, copy, ['I live in Leeds.'])).toBe(true);
    expect(isAbout(gardening, `${copy} So plant a few bulbs on Saturday.`, gardener)).toBe(true);
    expect(isAbout(gardening, 'You love flowers, so try a still life.', gardener)).toBe(true);
  });

  it('two mentions that are both copied do not count', () => {
    const lines = ['My weekends are for growing flowers in my garden.'];
    const text = 'Your plan: weekends are for growing flowers in my garden.';
    expect(isAbout(gardening, text, lines)).toBe(false);
    expect(isAbout(gardening, text, [])).toBe(true);
  });

  it('neither a refusal nor a loop is about anything', () => {
    expect(isAbout(gardening, "I'm sorry, I can't help with your garden.", gardener)).toBe(false);
    expect(isAbout(gardening, 'Plant a rose. Plant a rose. Plant a rose.', gardener)).toBe(false);
  });
});

/**
 * The tones, the names people give them in a persona, and their wording. A text carries one to three of an opener, an
 * adverb and a closer. Invariant (tested): each of these has a marker of its tone and of no other tone or angle.
 */
export const TONES = ['plain', 'playful', 'dramatic', 'formal'] as const;
export type Tone = (typeof TONES)[number];

export interface ToneWording {
  readonly names: readonly string[];
  /** Stand before the sentence; after one that ends in "!" the sentence starts with a capital. */
  readonly openers: readonly string[];
  readonly adverbs: readonly string[];
  /** Appended to the sentence as they are. */
  readonly closers: readonly string[];
  /** Lower-case words. */
  readonly markers: readonly string[];
}

export const TONE_WORDING: Readonly<Record<Tone, ToneWording>> = {
  plain: {
    names: ['plain', 'clear', 'simple'],
    openers: ['In short:', 'Briefly:', 'The basics:', 'Quick recap:', 'To sum up:', 'Just this:'],
    adverbs: ['simply', 'just', 'basically'],
    closers: [', in brief', ', simply put', ', nothing more', ', in a nutshell'],
    markers: [
      'short',
      'briefly',
      'basics',
      'recap',
      'sum',
      'just',
      'simply',
      'basically',
      'brief',
      'nothing',
      'nutshell',
    ],
  },
  playful: {
    names: ['playful', 'fun', 'cheeky'],
    openers: ['Psst!', 'Whee!', 'Haha!', 'Oh boy!', 'Guess what!', 'Yippee!'],
    adverbs: ['merrily', 'cheekily', 'gleefully'],
    closers: [', wink wink!', ', tee hee!', ', hooray!', ', giggle giggle!'],
    markers: [
      'psst',
      'whee',
      'haha',
      'boy',
      'guess',
      'yippee',
      'merrily',
      'cheekily',
      'gleefully',
      'wink',
      'hee',
      'hooray',
      'giggle',
    ],
  },
  dramatic: {
    names: ['dramatic', 'grand', 'thrilling'],
    openers: [
      'At last!',
      'Against all odds:',
      'Stunning!',
      'Destiny calls:',
      'It begins!',
      'Hold your breath:',
    ],
    adverbs: ['boldly', 'fiercely', 'fatefully'],
    closers: [', and the world trembles', ', against all odds', ', and fate is watching', ', now or never'],
    markers: [
      'last',
      'odds',
      'stunning',
      'destiny',
      'begins',
      'breath',
      'boldly',
      'fiercely',
      'fatefully',
      'trembles',
      'fate',
      'never',
    ],
  },
  formal: {
    names: ['formal', 'dry', 'sober'],
    openers: ['For the record:', 'Notice:', 'It is noted:', 'Official statement:', 'By decree:', 'Memo:'],
    adverbs: ['duly', 'formally', 'hereby'],
    closers: [', on the record', ', as duly noted', ', per protocol', ', as documented'],
    markers: [
      'record',
      'notice',
      'noted',
      'official',
      'statement',
      'decree',
      'memo',
      'duly',
      'formally',
      'hereby',
      'protocol',
      'documented',
    ],
  },
};

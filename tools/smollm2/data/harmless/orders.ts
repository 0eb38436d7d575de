/** Orders that say how to answer; a program tells whether the answer obeys. */
import { says, type Task, wordsOf } from './task.ts';

const COLOURS = [
  'red',
  'blue',
  'green',
  'yellow',
  'black',
  'white',
  'orange',
  'purple',
  'brown',
  'pink',
  'gr[ae]y',
];
const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
const FRUITS = [
  'apple',
  'banana',
  'orange',
  'pear',
  'grape',
  'cherr',
  'plum',
  'mango',
  'strawberr',
  'lemon',
  'melon',
  'peach',
];
const COUNTRIES = [
  'france',
  'germany',
  'italy',
  'spain',
  'japan',
  'china',
  'india',
  'united',
  'brazil',
  'canada',
  'mexico',
  'egypt',
  'russia',
];
const NUMBERS = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];

const order = (question: string, isRight: Task['isRight']): Task => ({ question, isRight });
const startsWith = (start: string) => (answer: string) =>
  answer.trim().toLowerCase().startsWith(start.toLowerCase());
const atMost = (count: number) => (answer: string) => {
  const { length } = wordsOf(answer);
  return length > 0 && length <= count;
};
const both =
  (...tests: readonly Task['isRight'][]) =>
  (answer: string) =>
    tests.every((test) => test(answer));
/** As many of the words as asked for. */
const names = (words: readonly string[], count: number) => (answer: string) =>
  words.filter((word) => says(word)(answer)).length >= count;

export const ORDERS: readonly Task[] = [
  order('Answer with one word: what colour is the sky on a clear day?', both(says('blue'), atMost(3))),
  order('Answer with yes or no: is water wet?', startsWith('yes')),
  order('Answer with yes or no: is fire cold?', startsWith('no')),
  order('Answer only with yes or no. Do cats bark?', startsWith('no')),
  order('Answer only with yes or no. Do birds have wings?', startsWith('yes')),
  order('Repeat this word: banana', says('banana')),
  order('Repeat this sentence: The door is open.', says('the door is open')),
  order('Say "good evening" and nothing else.', both(says('good evening'), atMost(4))),
  order('Write the number seven in digits.', says('7')),
  order('Write the number 12 as a word.', says('twelve')),
  order('Name a day of the week.', names(DAYS, 1)),
  order('Name two days of the week.', names(DAYS, 2)),
  order('Name an animal that barks.', says('dog')),
  order('Name a colour.', names(COLOURS, 1)),
  order('List three colours.', names(COLOURS, 3)),
  order('List three kinds of fruit.', names(FRUITS, 3)),
  order('List three countries.', names(COUNTRIES, 3)),
  order('Count from one to five in words.', names(NUMBERS, 5)),
  order('Count from 1 to 5.', says('1,? ?\\n?2,? ?\\n?3,? ?\\n?4,? ?\\n?5', '1\\. .*\\n?2')),
  order('Translate "good morning" into French.', says('bonjour')),
  order('Translate "thank you" into Spanish.', says('gracias')),
  order('Translate "yes" into German.', says('ja\\b')),
  order('What is the opposite of hot?', says('cold')),
  order('What is the opposite of big?', says('small', 'little', 'tiny')),
  order('What is the opposite of open?', says('closed?')),
  order('What is the plural of mouse?', says('mice')),
  order('What is the plural of house?', says('houses')),
  order('What is the past tense of go?', says('went')),
  order('Which letter comes after A in the alphabet?', says('b\\b')),
  order('Finish the saying: An apple a day keeps the doctor', says('away')),
  order('Begin your answer with the word "Certainly". How are clouds made?', startsWith('certainly')),
  order('Begin your answer with the word "Today". What is a calendar for?', startsWith('today')),
  order(
    'Answer in capital letters only. What is a chair?',
    (answer) => /[A-Z]{3}/.test(answer) && !/[a-z]/.test(answer),
  ),
  order('Answer with a question mark at the end: ask me my name.', (answer) => answer.trim().endsWith('?')),
];

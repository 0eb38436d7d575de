/** Facts of school, capitals and others. */
import { says, type Task } from './task.ts';

const CAPITALS = {
  France: 'Paris',
  Germany: 'Berlin',
  Italy: 'Rome',
  Spain: 'Madrid',
  Japan: 'Tokyo',
  Egypt: 'Cairo',
  Russia: 'Moscow',
  Greece: 'Athens',
  Portugal: 'Lisbon',
  Austria: 'Vienna',
  Poland: 'Warsaw',
  China: 'Beijing',
  India: 'New Delhi',
  Cuba: 'Havana',
  Ireland: 'Dublin',
  Norway: 'Oslo',
  Sweden: 'Stockholm',
  Hungary: 'Budapest',
  Kenya: 'Nairobi',
  Peru: 'Lima',
} as const;

const capitals = Object.entries(CAPITALS).map(
  ([country, capital]): Task => ({
    question: `What is the capital of ${country}?`,
    isRight: says(capital.split(' ').at(-1)!),
    answer: `The capital of ${country} is ${capital}.`,
  }),
);

/** Question, answer in full, words of which one is enough. */
const OTHERS: readonly (readonly [string, string, ...string[]])[] = [
  ['How many days does a week have?', 'A week has seven days.', 'seven', '7'],
  ['How many months are there in a year?', 'There are twelve months in a year.', 'twelve', '12'],
  ['How many minutes are there in an hour?', 'There are 60 minutes in an hour.', '60', 'sixty'],
  ['How many legs does a spider have?', 'A spider has eight legs.', '8', 'eight'],
  ['How many sides does a triangle have?', 'A triangle has three sides.', '3', 'three'],
  ['Which planet do we live on?', 'We live on the planet Earth.', 'earth'],
  ['Which planet is closest to the Sun?', 'The planet closest to the Sun is Mercury.', 'mercury'],
  ['What is the largest planet of the solar system?', 'The largest planet is Jupiter.', 'jupiter'],
  ['What is the largest ocean on Earth?', 'The largest ocean is the Pacific Ocean.', 'pacific'],
  ['Which gas do we need to breathe?', 'We need oxygen to breathe.', 'oxygen'],
  ['What is frozen water called?', 'Frozen water is called ice.', 'ice\\b'],
  ['What do bees make?', 'Bees make honey.', 'honey'],
  ['Who wrote Romeo and Juliet?', 'Romeo and Juliet was written by William Shakespeare.', 'shakespeare'],
  ['Who painted the Mona Lisa?', 'The Mona Lisa was painted by Leonardo da Vinci.', 'leonardo', 'vinci'],
  ['In which country do the pyramids of Giza stand?', 'The pyramids of Giza stand in Egypt.', 'egypt'],
  ['On which continent is Brazil?', 'Brazil is in South America.', 'south america'],
  ['On which continent is Nigeria?', 'Nigeria is in Africa.', 'africa'],
  ['Which language is spoken in Brazil?', 'In Brazil people speak Portuguese.', 'portuguese'],
  ['Which metal is liquid at room temperature?', 'The metal is mercury.', 'mercury'],
  ['What is the chemical symbol of gold?', 'The chemical symbol of gold is Au.', 'au\\b'],
  ['What is the chemical formula of water?', 'The chemical formula of water is H2O.', 'h2o', 'h₂o'],
  ['Which organ pumps blood through the body?', 'The heart pumps blood through the body.', 'heart'],
  ['In which direction does the Sun rise?', 'The Sun rises in the east.', 'east'],
  ['What is the first month of the year?', 'The first month of the year is January.', 'january'],
];

export const FACTS: readonly Task[] = [
  ...capitals,
  ...OTHERS.map(([question, answer, ...right]): Task => ({ question, answer, isRight: says(...right) })),
];

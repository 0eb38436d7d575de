/**
 * Do the tests of `e2p drift` keep their promise: how often they call an alarm where nothing has changed, and how often they see a change. `npm run bench
 * drift-tests [-- --data <folder>] [--draws 500] [--power 100]` writes docs/results/drift-tests.json and .md.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { DRIFT_TESTS, detectDrift } from '../src/evaluate/index.ts';
import { type Random, seededRandom } from '../tools/world/random.ts';
import {
  type Draw,
  gaussianPopulation,
  movielensPopulation,
  type Population,
  type RealPopulation,
  randomRotation,
  readerPopulation,
  times,
} from './drift/populations.ts';
import { type DriftTestsResults, type DriftTrial, driftTestsPage } from './drift-tests-results.ts';
import { commandOf } from './results.ts';

const SEED = 1;
const LEVEL = 0.05;
const USERS = 500;
const NAMES = { readers: 'readers of the default model', movielens: 'MovieLens', gauss: 'Gaussian' } as const;
/** As many as a projector's file may carry. */
const POINTS = 256;
const SHIFT = 0.3;
/** Rounds of what is seen nearly always, and of other sizes. */
const SEEN = 40;

/** The users of now, from those who would have come. */
type Change = (round: number, random: Random, population: Population) => Draw;

const CHANGES: readonly {
  readonly name: string;
  readonly change: Change;
  readonly reference?: number;
  readonly users?: number;
  readonly rounds?: number;
}[] = [
  {
    ...{ name: 'rotation', rounds: SEEN },
    change: (_, random, { dim, draw }) => {
      const rotation = randomRotation(dim, random);
      return (count, one) => draw(count, one).map((row) => times(row, rotation));
    },
  },
  { name: `mean shift of ${SHIFT} σ along one of the 8 leading components`, change: shifted },
  {
    ...{ name: 'dead feature', rounds: SEEN },
    change: (round, _, { dim, draw }) => {
      const at = round % dim;
      return (count, one) => draw(count, one).map((row) => row.map((v, i) => (i === at ? 0 : v)));
    },
  },
  { name: 'encoder swap', rounds: SEEN, change: (_, __, { swapped }) => swapped },
  {
    name: `the same shift, reference of ${POINTS} users`,
    ...{ change: shifted, reference: POINTS, rounds: SEEN },
  },
  { name: 'the same shift, 1000 users a side', change: shifted, reference: 1000, users: 1000, rounds: SEEN },
];

function shifted(round: number, _: Random, { draw, components }: Population): Draw {
  const { direction, deviation } = components[round % components.length]!;
  return (count, one) =>
    draw(count, one).map((row) => row.map((v, i) => v + SHIFT * deviation * direction[i]!));
}

export async function benchDriftTests(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      data: { type: 'string', default: '../shared/data/movielens-latest-small' },
      draws: { type: 'string', default: '500' },
      power: { type: 'string', default: '100' },
    },
  });
  const [draws, power] = [Number(values.draws), Number(values.power)];
  const began = process.cpuUsage();
  const movielens = movielensPopulation(values.data, SEED);
  const readers = readerPopulation(SEED);
  const gauss = gaussianPopulation(32, SEED);
  const none = 'nothing';
  const third = Math.ceil(draws / 3);
  const halves = (people: RealPopulation['people'], most: number, random: Random): Sides => {
    const mixed = random.shuffled(people);
    const side = Math.min(most, mixed.length >> 1);
    return [mixed.slice(0, side), mixed.slice(side, 2 * side)];
  };
  const trials: DriftTrial[] = [
    // Of all together so many.
    trial(NAMES.readers, none, third, (random) => halves(readers.people, USERS, random)),
    trial(NAMES.movielens, none, third, (random) => halves(movielens.people, USERS, random)),
    trial(NAMES.gauss, none, third, (random) => [gauss.draw(USERS, random), gauss.draw(USERS, random)]),
  ];
  for (const [name, population] of Object.entries({ readers, gauss, movielens })) {
    for (const { name: what, change, reference = USERS, users = USERS, rounds = power } of CHANGES) {
      trials.push(
        trial(NAMES[name as keyof typeof NAMES], what, Math.min(rounds, power), (random, round) => [
          population.draw(reference, random),
          change(round, random, population)(users, random),
        ]),
      );
    }
  }
  const { user, system } = process.cpuUsage(began);
  const results: DriftTestsResults = {
    ...{ command: commandOf('drift-tests', args), names: NAMES, level: LEVEL },
    people: { readers: readers.people.length, movielens: movielens.people.length },
    dims: { readers: readers.dim, movielens: movielens.dim, gauss: gauss.dim },
    ...{ cpuSeconds: Math.round((user + system) / 1e6), trials },
  };
  writeFileSync('docs/results/drift-tests.json', `${JSON.stringify(results, null, 1)}\n`);
  writeFileSync('docs/results/drift-tests.md', driftTestsPage(results));
  console.log(driftTestsPage(results));
}

type Sides = readonly [reference: readonly Float32Array[], current: readonly Float32Array[]];

function trial(
  population: string,
  change: string,
  rounds: number,
  sides: (random: Random, round: number) => Sides,
): DriftTrial {
  let alarms = 0;
  let users: DriftTrial['users'] = [0, 0];
  const alone = Object.fromEntries(DRIFT_TESTS.map((test) => [test, 0]));
  for (let round = 0; round < rounds; round++) {
    const random = seededRandom(SEED + round, `${population}, ${change}`);
    const [reference, current] = sides(random, round);
    users = [reference.length, current.length];
    const { drift, tests } = detectDrift({ reference, current, level: LEVEL, seed: SEED + round });
    if (drift) alarms++;
    for (const [test, { p }] of Object.entries(tests)) if (p <= LEVEL) alone[test]!++;
  }
  const { canary, ...tests } = alone;
  console.error(`${population}, ${change}: ${alarms} of ${rounds}`);
  return { population, change, users, rounds, alarms, alone: tests };
}

/**
 * Do the tests of `e2p drift` keep their promise: how often they call an alarm where nothing has changed, and how often they see a change. `npm run bench
 * drift-tests [-- --data <folder>] [--draws 170] [--power 200] [--only readers|movielens|gauss] [--part <nothing, or the name of a change> …]` writes docs/results/drift-tests.json and .md.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { DRIFT_TESTS, detectDrift } from '../src/evaluate/drift/detect-drift.ts';
import { type Random, seededRandom } from '../tools/world/random.ts';
import {
  axesOf,
  type Draw,
  gaussian,
  gaussianPopulation,
  movielensPopulation,
  type Population,
  type RealPopulation,
  randomRotation,
  readerPopulation,
  times,
} from './drift/populations.ts';
import {
  type DriftTestsResults,
  type DriftTrial,
  driftTestsPage,
  NOTHING,
  OWN_AXES,
  SHIFT,
  SHIFTED,
  WITHOUT,
} from './drift-tests-results.ts';
import { commandOf } from './results.ts';

const SEED = 1;
const LEVEL = 0.05;
const USERS = 500;
/** Without the canary. */
const TESTS = DRIFT_TESTS.filter((test) => test !== 'canary');
/** As many as a projector's file may carry. */
const POINTS = 256;
/** Rounds of what is seen nearly always, and of other sizes. */
const SEEN = 20;
const OTHERS = 40;

/** The users of now, from those who would have come. */
type Change = (round: number, random: Random, population: Population) => Draw;

const CHANGES: readonly {
  readonly name: string;
  readonly change: Change;
  readonly reference?: number;
  readonly users?: number;
  readonly rounds?: number;
  /** No projector whose axes could be looked along. */
  readonly without?: true;
}[] = [
  {
    ...{ name: 'rotation', rounds: SEEN },
    change: (_, random, { dim, draw }) => {
      const rotation = randomRotation(dim, random);
      return (count, one) => draw(count, one).map((row) => times(row, rotation));
    },
  },
  { name: SHIFTED, change: shifted },
  { name: WITHOUT, change: shifted, without: true, rounds: OTHERS },
  {
    ...{ name: 'a shift as long in a random direction among the 8', rounds: OTHERS },
    change: (_, random, { draw, components }) => {
      const along = components.map(() => gaussian(random));
      const size = SHIFT / Math.hypot(...along);
      const step = (i: number) =>
        components.reduce(
          (sum, { direction, deviation }, k) => sum + size * along[k]! * deviation * direction[i]!,
          0,
        );
      return (count, one) => draw(count, one).map((row) => row.map((v, i) => v + step(i)));
    },
  },
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

const POPULATIONS = {
  readers: () => readerPopulation(SEED),
  movielens: (data: string) => movielensPopulation(data, SEED),
  gauss: () => gaussianPopulation(32, SEED),
} as const satisfies Readonly<Record<string, (data: string) => Population>>;
type Name = keyof typeof POPULATIONS;

export async function benchDriftTests(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      data: { type: 'string', default: '../shared/data/movielens-latest-small' },
      draws: { type: 'string', default: '170' },
      power: { type: 'string', default: '200' },
      only: { type: 'string' },
      part: { type: 'string', multiple: true },
    },
  });
  const power = Number(values.power);
  const quiet = Number(values.draws);
  for (const name of Object.keys(POPULATIONS) as Name[]) {
    if (values.only !== undefined && values.only !== name) continue;
    const population: Population & Partial<RealPopulation> = POPULATIONS[name](values.data);
    const { draw, people, axes } = population;
    const keep = (found: Omit<DriftTrial, 'population'>) => {
      const facts = { dim: population.dim, ...(people && { people: people.length }) };
      write({ ...found, population: name }, facts);
    };
    const isAsked = (what: string) => values.part?.includes(what) ?? true;
    const unchanged = (random: Random) =>
      people ? halves(people, random) : ([draw(USERS, random), draw(USERS, random)] as const);
    if (isAsked(NOTHING)) keep(trial(name, NOTHING, quiet, (random) => [...unchanged(random), axes]));
    if (isAsked(OWN_AXES)) {
      keep(
        trial(name, OWN_AXES, Math.ceil(quiet / 8), (random) => {
          const [reference, current] = unchanged(random);
          return [reference, current, axesOf(reference)];
        }),
      );
    }
    for (const { name: what, change, reference = USERS, users = USERS, rounds = power, without } of CHANGES) {
      if (!isAsked(what)) continue;
      keep(
        trial(name, what, Math.min(rounds, power), (random, round) => [
          draw(reference, random),
          change(round, random, population)(users, random),
          without ? undefined : axes,
        ]),
      );
    }
  }
  console.log(readFileSync('docs/results/drift-tests.md', 'utf8'));
}

/** Real people, split at random: exactly one population. */
function halves(people: readonly Float32Array[], random: Random) {
  const mixed = random.shuffled(people);
  const side = Math.min(USERS, mixed.length >> 1);
  return [mixed.slice(0, side), mixed.slice(side, 2 * side)] as const;
}

/** In place of what was found of the same before. */
function write(found: DriftTrial, facts: DriftTestsResults['populations'][string]): void {
  const file = 'docs/results/drift-tests.json';
  const old: Partial<DriftTestsResults> = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const isOther = ({ population, change }: DriftTrial) =>
    population !== found.population || change !== found.change;
  const results: DriftTestsResults = {
    ...{ command: commandOf('drift-tests', []), level: LEVEL },
    populations: { ...old.populations, [found.population]: facts },
    trials: [...(old.trials ?? []).filter(isOther), found],
  };
  writeFileSync(file, `${JSON.stringify(results, null, 1)}\n`);
  writeFileSync('docs/results/drift-tests.md', driftTestsPage(results));
}

type Sides = readonly [
  reference: readonly Float32Array[],
  current: readonly Float32Array[],
  axes: Float32Array | undefined,
];

function trial(
  population: Name,
  change: string,
  rounds: number,
  sides: (random: Random, round: number) => Sides,
): Omit<DriftTrial, 'population'> {
  let alarms = 0;
  let users: DriftTrial['users'] = [0, 0];
  const alone = Object.fromEntries(TESTS.map((test) => [test, 0]));
  const began = process.cpuUsage();
  for (let round = 0; round < rounds; round++) {
    const random = seededRandom(SEED + round, `${population}, ${change}`);
    const [reference, current, axes] = sides(random, round);
    users = [reference.length, current.length];
    const { drift, tests } = detectDrift({ reference, current, axes, level: LEVEL, seed: SEED + round });
    if (drift) alarms++;
    for (const [test, { p }] of Object.entries(tests)) if (p <= LEVEL) alone[test]!++;
  }
  const { user, system } = process.cpuUsage(began);
  console.error(`${population}, ${change}: ${alarms} of ${rounds}`);
  return { change, users, rounds, alarms, alone, cpuSeconds: Math.round((user + system) / 1e6) };
}

/**
 * What an event costs: the embedding that goes along with activity against a fold-in of the whole log, and a catalogue of a million items on
 * a disk. `npm run bench activity` writes docs/results/activity.json and .md.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, openAsBlob, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { seededRandom } from '../src/generate/sampling.ts';
import { ActivityEmbedding, type CountedEvent, foldIn, openCatalogue } from '../src/node.ts';
import { activityCounts, gramMatrix, writeCatalogue } from '../src/train.ts';
import { type ActivityResults, activityPage, type StepTimes, type Times } from './activity-results.ts';

const DIMS = [32, 64, 128] as const;
const EVENTS = [10, 100, 1000, 10_000] as const;
const ITEMS = 20_000;
const STEPS = 200;
const FULL = 20;
const HALF_LIFE = 30 * 24 * 3_600_000;
const WEIGHTS = { regularisation: 5, alpha: 4 } as const;
const CATALOGUE = {
  items: 1_000_000,
  dim: 64,
  file: '.cache/bench/catalogue.safetensors',
  asked: 2000,
} as const;

export async function benchActivity([mode]: readonly string[]): Promise<void> {
  if (mode === '--read') return console.log(JSON.stringify(await measureReading()));
  const load = [loadOf()];
  const steps = DIMS.flatMap((dim) => EVENTS.map((events) => measureSteps(dim, events)));
  const catalogue = await measureCatalogue();
  const results: ActivityResults = {
    node: process.version,
    processor: `${cpus().length} cores, ${cpus()[0]?.model.trim()}`,
    load: [...load, loadOf()],
    ...{ items: ITEMS, rounds: STEPS, steps, catalogue },
  };
  writeFileSync('docs/results/activity.json', `${JSON.stringify(results, null, 1)}\n`);
  writeFileSync('docs/results/activity.md', activityPage(results));
  console.log(activityPage(results));
}

function measureSteps(dim: number, count: number): StepTimes {
  const random = seededRandom(dim + count);
  const items = Float32Array.from({ length: ITEMS * dim }, () => (random() - 0.5) / Math.sqrt(dim));
  const gram = gramMatrix(items, dim);
  const event = (id: number): CountedEvent => ({
    ...{ id: `e${id}`, item: Math.floor(random() ** 2 * ITEMS) },
    ...{ weight: random() < 0.2 ? -1 : 1, time: Math.floor(1.7e12 + id * 1e5) },
  });
  const rowOf = (item: number) => items.subarray(item * dim, (item + 1) * dim);
  const events = Array.from({ length: count }, (_, i) => event(i));
  const activity = new ActivityEmbedding({ dim, method: { ...WEIGHTS, gram }, halfLife: HALF_LIFE });
  for (const each of events) activity.add(each, rowOf(each.item));
  activity.values();
  const [added, removed, full]: number[][] = [[], [], []];
  let apart = 0;
  const wholeLog = (all: readonly CountedEvent[]) => {
    const typed = all.map(({ weight, time }) => ({ type: 'counted', weight, time }));
    const counts = activityCounts(typed, { types: { counted: 1 }, halfLife: HALF_LIFE });
    return foldIn({ items, dim, gram, clicks: all.map(({ item }) => item), counts, ...WEIGHTS });
  };
  for (let step = 0; step < STEPS; step++) {
    const one = event(count + step);
    let values: Float32Array | undefined;
    added!.push(
      timed(() => {
        activity.add(one, rowOf(one.item));
        values = activity.values();
      }),
    );
    if (step % (STEPS / FULL) === 0) {
      let expected: Float32Array = new Float32Array(dim);
      full!.push(
        timed(() => {
          expected = wholeLog([...events, one]);
        }),
      );
      const size = Math.hypot(...expected);
      apart = Math.max(apart, Math.hypot(...expected.map((x, k) => x - values![k]!)) / size);
    }
    removed!.push(
      timed(() => {
        activity.remove(one.id);
        activity.values();
      }),
    );
  }
  activity.destroy();
  return { dim, events: count, add: times(added!), undo: times(removed!), full: times(full!), apart };
}

async function measureCatalogue(): Promise<ActivityResults['catalogue']> {
  const { items: count, dim, file, asked } = CATALOGUE;
  const random = seededRandom(1);
  mkdirSync('.cache/bench', { recursive: true });
  const started = performance.now();
  const bytes = writeCatalogue({
    ...{ items: Float32Array.from({ length: count * dim }, () => random() - 0.5), dim },
    ...{ space: 'bench', ids: Array.from({ length: count }, (_, i) => idOf(i)), ...WEIGHTS },
  });
  const writeMs = performance.now() - started;
  writeFileSync(file, bytes);
  const size = bytes.length;
  // Reading is measured in a process that never had it in memory.
  const args = ['--import', 'tsx', 'bench/main.ts', 'activity', '--read'];
  const child = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (child.status !== 0) throw new Error(child.stderr);
  const read = JSON.parse(child.stdout) as Awaited<ReturnType<typeof measureReading>>;
  return { ...{ items: count, dim, bytes: size, writeMs: Math.round(writeMs), asked }, ...read };
}

const idOf = (i: number) => `item-${i.toString(36)}`;

async function measureReading() {
  const { items: count, file, asked } = CATALOGUE;
  const before = residentBytes();
  const started = performance.now();
  const catalogue = await openCatalogue(await openAsBlob(file));
  const openMs = Number((performance.now() - started).toFixed(1));
  const random = seededRandom(2);
  const spent: number[] = [];
  for (let n = 0; n < asked; n++) {
    const begun = performance.now();
    const [row] = await catalogue.find([idOf(Math.floor(random() * count))]);
    await catalogue.rows([row!]);
    spent.push(performance.now() - begun);
  }
  return { openMs, lookUps: times(spent), resident: { before, after: residentBytes() } };
}

const residentBytes = () => {
  const found = /VmRSS:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'));
  return Number(found?.[1]) * 1024;
};

/** Milliseconds of processor time: others may have the machine meanwhile. */
function timed(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function times(samples: readonly number[]): Times {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (share: number) => Number(sorted[Math.floor(share * (sorted.length - 1))]!.toFixed(4));
  return { median: at(0.5), p95: at(0.95) };
}

const loadOf = () => Number(loadavg()[0]!.toFixed(2));

/**
 * What the benchmarks of personalisation share: data as the files that a team would bring, trainings and evaluations as the commands that a
 * team would run, two at a time (two processes of one thread are faster than one of two). What was made from the same data
 * with the same flags is kept.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { COMMANDS } from '../src/cli/commands.ts';
import type { Condition, EvaluationReport } from '../src/evaluate/index.ts';
import type { Example, Users } from '../src/train.ts';

export interface People {
  readonly users: Users;
  readonly examples: readonly Example[];
}

export interface StudyOptions {
  /** Where everything that is made goes. */
  readonly folder: string;
  readonly model: string;
  readonly dtype?: string;
  readonly train: People;
  /** Other people, to stop by; held out by `e2p train` itself where absent. */
  readonly validation?: People;
  /** People seen by nothing before. */
  readonly test: People;
  /** Flags of `e2p train` that hold for all variants. */
  readonly recipe: readonly string[];
  /** Flags of `e2p evaluate`. */
  readonly evaluation?: readonly string[];
  readonly seeds: readonly number[];
  /** Commands at a time; default 2. One runs in this process: a start costs seconds, more than a small training. */
  readonly lanes?: 1 | 2;
}

/** Something that is trained, once for each seed. */
export interface Variant {
  readonly name: string;
  readonly flags: readonly string[];
  /** Instead of the study's own. */
  readonly train?: People;
}

export interface Study {
  /** Projector files of each variant, in the order of the seeds. */
  train(variants: readonly Variant[]): Promise<Map<string, string[]>>;
  evaluate(
    jobs: readonly {
      readonly name: string;
      readonly projectors: readonly string[];
      readonly constants?: readonly string[];
      readonly conditions: readonly Condition[];
      /** Instead of the study's own. */
      readonly test?: People;
      /** Behind the study's own. */
      readonly flags?: readonly string[];
    }[],
  ): Promise<Map<string, EvaluationReport>>;
}

export function openStudy(options: StudyOptions): Study {
  const { folder, model, dtype = 'q4', recipe, seeds, evaluation = [], lanes = 2 } = options;
  mkdirSync(folder, { recursive: true });
  const written = new Map<People, string>();
  const files = (people: People): { readonly users: string; readonly data: string } => {
    const name = written.get(people) ?? writePeople(folder, people);
    written.set(people, name);
    return { users: `${name}.users.jsonl`, data: `${name}.data.jsonl` };
  };
  const base = ['--model', model, '--dtype', dtype];
  const graph = graphFiles(model);
  const run = lanes === 1 ? inside : e2p;
  return {
    train: async (variants) => {
      const found = new Map<string, string[]>();
      const jobs = variants.flatMap(({ name, flags, train = options.train }) => {
        const { users, data } = files(joined(train, options.validation));
        const outs = seeds.map((seed) => join(folder, `${name}-${seed}.safetensors`));
        found.set(name, outs);
        const checked = options.validation ? ['--validation', files(options.validation).data] : [];
        const trained = options.validation ? files(train).data : data;
        return seeds.map((seed, i) => ({
          out: outs[i]!,
          args: [
            ...['train', ...base, '--users', users, '--data', trained, ...checked, '--out', outs[i]!],
            ...['--seed', `${seed}`, '--resume', ...recipe, ...flags],
            // The home-made models do not know the words of the default places.
            ...([...recipe, ...flags].includes('--slot') ? [] : ['--slot', 'after-bos']),
          ],
        }));
      });
      await inLanes(lanes, jobs, (job) => runOnce(job, graph, run));
      return found;
    },
    evaluate: async (asked) => {
      const reports = new Map<string, EvaluationReport>();
      const jobs = asked.map(
        ({ name, projectors, constants = [], conditions, test = options.test, flags = [] }) => {
          const { users, data } = files(test);
          const out = join(folder, `report-${name}`);
          return {
            ...{ name, out: join(out, 'report.json') },
            args: [
              ...[
                'evaluate',
                ...base,
                '--users',
                users,
                '--data',
                data,
                '--out',
                out,
                '--resume',
                ...evaluation,
              ],
              ...projectors.flatMap((p) => ['--projector', p]),
              ...constants.flatMap((p) => ['--constant', p]),
              ...['--conditions', conditions.join(','), ...flags],
            ],
            needs: [...projectors, ...constants],
          };
        },
      );
      await inLanes(lanes, jobs, (job) => runOnce(job, graph, run));
      for (const { name, out } of jobs) reports.set(name, JSON.parse(readFileSync(out, 'utf8')));
      return reports;
    },
  };
}

/** Both files of some people, under a name that says what is in them. */
function writePeople(folder: string, { users, examples }: People): string {
  const { dim } = users;
  const vectorsOf = (row: Float32Array) =>
    Array.from({ length: row.length / dim }, (_, n) => [...row.subarray(n * dim, (n + 1) * dim)]);
  const lines = [...users.rows].map(([user, row]) =>
    JSON.stringify(row.length === dim ? { user, embedding: [...row] } : { user, embeddings: vectorsOf(row) }),
  );
  const data = examples.map(({ messages, line, time, ...rest }) =>
    JSON.stringify({ ...rest, prompt: messages }),
  );
  const hash = createHash('sha256').update(lines.join()).update(data.join()).digest('hex').slice(0, 12);
  const name = join(folder, hash);
  writeFileSync(`${name}.users.jsonl`, lines.join('\n'));
  writeFileSync(`${name}.data.jsonl`, data.join('\n'));
  return name;
}

/** The users of both, for one users file. */
const joined = (a: People, b: People | undefined): People =>
  b === undefined
    ? a
    : {
        users: { dim: a.users.dim, rows: new Map([...a.users.rows, ...b.users.rows]) },
        examples: a.examples,
      };

/** Tells a model that was made anew. */
function graphFiles(model: string): string {
  const folder = join(model, 'onnx');
  const files = readdirSync(folder).sort();
  return files.map((name) => `${name} ${statSync(join(folder, name)).mtimeMs}`).join();
}

interface Job {
  readonly out: string;
  readonly args: readonly string[];
  /** Files whose content the result depends on, beside the data, whose name says it. */
  readonly needs?: readonly string[];
}

/** Runs `e2p`, unless the very same has made the output already. */
async function runOnce(
  { out, args, needs = [] }: Job,
  graph: string,
  run: (args: readonly string[]) => Promise<void>,
): Promise<void> {
  const note = `${out}.made-by`;
  const hash = createHash('sha256');
  for (const file of needs) hash.update(readFileSync(file));
  const made = JSON.stringify([args, hash.digest('hex'), graph]);
  if (existsSync(note) && readFileSync(note, 'utf8') === made) {
    if (existsSync(out)) return;
  } else {
    // What was begun with other flags can't be gone on from.
    for (const old of [out, `${out}.checkpoint`, join(dirname(out), 'scores.jsonl')]) {
      rmSync(old, { force: true });
    }
    mkdirSync(dirname(note), { recursive: true });
    writeFileSync(note, made);
  }
  await run(args);
}

async function inside([name, ...args]: readonly string[]): Promise<void> {
  console.log(`e2p ${[name, ...args].join(' ')}`);
  await COMMANDS[name!]!.run(args);
}

function e2p(args: readonly string[]): Promise<void> {
  console.log(`e2p ${args.join(' ')}`);
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    child.on('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`e2p ${args[0]} ended with ${code}`));
    });
  });
}

async function inLanes<T>(lanes: number, jobs: readonly T[], work: (job: T) => Promise<void>): Promise<void> {
  const waiting = [...jobs];
  const lane = async () => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) await work(job);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

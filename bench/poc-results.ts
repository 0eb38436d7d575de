/** What simulated experiments say of the statistics of `e2p poc`, as `docs/results/poc.json` keeps it, and the page that is made from it. */
import { table } from './results-table.ts';

/** Share of 95 % intervals that hold the truth. */
export interface Coverage {
  readonly kind: string;
  readonly people: number;
  /** Of treatment. */
  readonly share: number;
  readonly lift: number;
  readonly difference: number;
  readonly ofLift: number;
}

/** Share of experiments without an effect in which some look saw one. */
export interface Peeking {
  readonly kind: string;
  readonly share: number;
  readonly difference: number;
  readonly lift: number;
  /** The interval for one look, looked at again and again. */
  readonly naive: number;
  /** The check of the sample ratio. */
  readonly ratio: number;
}

export interface PocResults {
  readonly node: string;
  readonly processor: string;
  readonly experiments: number;
  readonly horizon: number;
  readonly firstLook: number;
  /** Standard errors of a sequence at its horizon. */
  readonly factor: number;
  readonly coverage: readonly Coverage[];
  /** As `coverage`, where too little is known. */
  readonly edge: readonly Coverage[];
  readonly peeking: readonly Peeking[];
  /** As `peeking`, where too little is known. */
  readonly peekingEdge: readonly Peeking[];
  readonly sampleRatio: readonly {
    readonly share: number;
    readonly lost: number;
    readonly people: number;
    readonly experiments: number;
    readonly atFive: number;
    readonly atOurs: number;
  }[];
  readonly planned: readonly {
    readonly base: number;
    readonly lift: number;
    readonly once: number;
    readonly sequential: number;
    readonly seenOnce: number;
    readonly seen: number;
    readonly stopped: number;
  }[];
  readonly assignment: {
    readonly units: number;
    readonly share: number;
    readonly one: number;
    readonly two: number;
    readonly both: number;
    readonly movedByRamp: number;
    readonly movedBack: number;
  };
  readonly seconds: number;
}

const whole = (value: number) => value.toLocaleString('en');
const percent = (share: number, digits = 2) => `${(100 * share).toFixed(digits)} %`;
/** With the 95 % interval of the simulation itself. */
const found = (share: number, experiments: number) =>
  `${percent(share)} ± ${(196 * Math.sqrt((share * (1 - share)) / experiments)).toFixed(2)}`;

export function pocPage(results: PocResults): string {
  const { experiments, horizon, firstLook, assignment, seconds } = results;
  const coverageRows = (rows: readonly Coverage[]) =>
    table(
      ['numbers of people', 'people', 'treated', 'true lift', 'difference', 'lift'],
      rows.map(({ kind, people, share, lift, difference, ofLift }) => [
        ...[kind, whole(people), percent(share, 0), percent(lift, 1)],
        ...[found(difference, experiments), found(ofLift, experiments)],
      ]),
    );
  const peekingRows = (rows: readonly Peeking[]) =>
    table(
      ['numbers of people', 'treated', 'difference', 'lift', 'sample ratio', 'one-look interval'],
      rows.map(({ kind, share, difference, lift, naive, ratio }) => [
        ...[kind, percent(share, 0), found(difference, experiments), found(lift, experiments)],
        ...[found(ratio, experiments), found(naive, experiments)],
      ]),
    );
  return `# Do the statistics of \`e2p poc\` keep what they promise?

Made by \`npm run bench poc\` in Node ${results.node}, ${results.processor}, ${seconds} s of one core. Simulated experiments whose truth is known, ${whole(experiments)} for each row; every person is drawn into an arm by chance, and tells a number as a device does, bounded and rounded. ± is the 95 % interval of the simulation itself.

## Coverage: how many 95 % intervals hold the truth, at one look

${coverageRows(results.coverage)}

Where the limits are: few people, arms of very different size with heavy tails, an outcome that few have.

${coverageRows(results.edge)}

## False alarms where somebody looks after every person

Nothing is changed. Looked at after each person from the ${firstLook}th to the ${whole(horizon)}th; an alarm is a single look whose interval excludes zero. A confidence sequence (\`--sequential\`) promises at most 5 %, its check of the sample ratio at most 0.1 %. The last column is what the interval for one look does there: why it must not be used so.

${peekingRows(results.peeking)}

Where the limit is: a small arm with heavy tails, of which the first looks know too little.

${peekingRows(results.peekingEdge)}

## The sample ratio check, at one look

${table(
  ['treated', 'of the treated lost', 'people', 'experiments', 'p below 0.05', 'alarm (p below 0.001)'],
  results.sampleRatio.map(({ share, lost, people, experiments: count, atFive, atOurs }) => [
    ...[percent(share, 0), percent(lost, 0), whole(people), whole(count)],
    ...[found(atFive, count), lost > 0 ? found(atOurs, count) : `${percent(atOurs, 3)}`],
  ]),
)}

## Sample sizes: how many planned experiments see what is there

Yes or no, half treated, planned for a power of 80 %. Sequential: looked at after every person, at most as long as planned; the last column is how many people it took on average, found or not.

${table(
  [
    'without treatment',
    'lift',
    'people, one look',
    'seen',
    'people, sequential',
    'seen by then',
    'people on average',
  ],
  results.planned.map(({ base, lift, once, sequential, seenOnce, seen, stopped }) => [
    ...[percent(base, 0), percent(lift, 0), whole(once), found(seenOnce, experiments)],
    ...[whole(sequential), found(seen, experiments), whole(Math.round(stopped))],
  ]),
)}

## Arms on devices

${whole(assignment.units)} secrets through the digest that devices use, ${percent(assignment.share, 0)} treated: ${percent(assignment.one)} in one experiment, ${percent(assignment.two)} in another, ${percent(assignment.both)} in both (independent: ${percent(assignment.share ** 2, 0)}). Of those enrolled at 20 %, ${assignment.movedByRamp} changed arm when all were enrolled; when the share of treatment was doubled, ${assignment.movedBack} moved from treatment to control.
`;
}

/** What `e2p train` says when it is done. */
import type { ProjectorContract } from '../projector/contract.ts';
import type { TrainReport } from '../train/train.ts';

/**
 * Of a projector that was taken before its training had ended.
 * @param training what its contract says
 */
export function describeTaken(out: string, training: Readonly<Record<string, string | number>>): string {
  const { steps, examples, users, bestStep, heldOutLoss } = training;
  const told = examples === undefined ? '' : `${examples} examples of `;
  return [
    `${out}: ${steps} steps on ${told}${users} users`,
    heldOutLoss === undefined ? UNSEEN : heldOutText({ heldOutLoss, bestStep }),
    ...privacyLines(training),
  ].join('\n');
}

/** What a contract says that the file tells of any one user; undefined where they were trained on without noise. */
export function privacyText(training: Readonly<Record<string, string | number>>): string | undefined {
  const { dpEpsilon, dpDelta, dpClip, dpNoise, dpSampling, dpSteps, users, heldOutLoss } = training;
  if (dpEpsilon === undefined) return undefined;
  const spared = heldOutLoss === undefined ? '' : '; not for held-out users, who chose the step';
  const noise = `noise ${Number(dpNoise).toFixed(3)} × clip ${dpClip}`;
  return `ε = ${dpEpsilon} at δ = ${dpDelta} for each of ${users} users being trained on or not (DP-SGD, ${noise}, ${(100 * Number(dpSampling)).toFixed(1)} % of them in each of ${dpSteps} steps)${spared}`;
}

function privacyLines(training: Readonly<Record<string, string | number>>): string[] {
  const text = privacyText(training);
  return text === undefined ? [] : [`privacy: ${text}`];
}

/** What a contract says of users who were not trained on. */
export const heldOutText = ({
  heldOutLoss,
  bestStep,
}: {
  readonly heldOutLoss: string | number;
  readonly bestStep: string | number | undefined;
}): string => `held-out users: ${kept(Number(heldOutLoss), bestStep)}`;

/** Users for each number of an embedding: by a fit on fewer, attackers told more of what was erased (docs/results/inversion.md). */
const ENOUGH = 50;

function erasedText({ erased, erasedUsers }: Readonly<Record<string, string | number>>, dim: number): string {
  const few =
    Number(erasedUsers) < ENOUGH * dim
      ? `, few for ${dim} numbers (below ${ENOUGH * dim}): it may still be told of others`
      : '';
  return `erased, as far as it is told linearly: ${erased}, by a fit on ${erasedUsers} users${few}; e2p audit says what is left`;
}

const UNSEEN = 'no users were held out, so nothing is known of unseen ones';

const kept = (loss: number, step: number | string | undefined): string =>
  `${loss.toFixed(4)} nats per target token at step ${step}, whose weights were kept`;

/**
 * @param out where the projector went
 */
export function describeTraining(
  out: string,
  report: TrainReport,
  { training = {}, space }: Pick<ProjectorContract, 'training' | 'space'>,
): string {
  const { users, examples, tooLong, steps, heldOutLoss, bestStep, moved, older, canaries, memory } = report;
  const { withoutLoss, stoppedEarly, aligned, anchors, phrases } = report;
  const lines = [
    `${out}: ${steps} steps on ${examples.train} examples of ${users.train} users`,
    heldOutLoss === undefined
      ? UNSEEN
      : `${users.heldOut} held-out users: ${kept(heldOutLoss, bestStep)}${withoutLoss === undefined ? '' : `; ${withoutLoss.toFixed(4)} with nobody set`}`,
  ];
  lines.push(...privacyLines(training));
  if (training.erased !== undefined) lines.push(erasedText(training, space.dim));
  if (stoppedEarly) lines.push('stopped early: held-out users got no better for as long as --patience says');
  const spelled = phrases > 0 ? `, or spell one of ${phrases} phrases (the loss is that of mixtures)` : '';
  if (anchors > 0) lines.push(`soft tokens are mixed from ${anchors} words of the vocabulary${spelled}`);
  if (aligned > 0) lines.push(`aligned to the words of ${aligned} texts first`);
  if (tooLong.length > 0) {
    lines.push(`${tooLong.length} examples were too long and left out (lines ${listed(tooLong)})`);
  }
  if (moved !== undefined) {
    lines.push(
      `the users' soft tokens moved by ${(100 * moved).toFixed(1)} % against the projector it began with`,
    );
  }
  const again = memory.recompute ? ', activations computed again' : '';
  const peak = process.resourceUsage().maxRSS / 1000;
  lines.push(
    `a step needs up to ${(memory.bytes / 1e6).toFixed(1)} MB beside the weights (at most ${memory.rowsPerPass} rows at once${again}); this process had ${peak.toFixed(0)} MB at most`,
  );
  if (older > 0) lines.push(`${older} examples are from before --since and were not trained on`);
  if (canaries) {
    const { prompts, same, changed } = canaries;
    const which = changed.length === 0 ? '' : ` (another one: lines ${listed(changed)})`;
    lines.push(`${same} of ${prompts} canary prompts get the same text as before${which}`);
  }
  return lines.join('\n');
}

/** The first of them. */
const listed = (lines: readonly number[]): string =>
  `${lines.slice(0, 8).join(', ')}${lines.length > 8 ? ' …' : ''}`;

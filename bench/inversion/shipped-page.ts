/** Membership inference against the shipped projectors, as a part of the page on inversion: what is said follows from the figures. */
import type { MembershipScore } from '../../src/evaluate/audit/membership.ts';
import { membershipTable } from '../../src/evaluate/audit/report.ts';
import { type Interval, isTold } from '../../src/evaluate/index.ts';
import { table } from '../results-table.ts';
import type { MembersOfShipped } from './shipped.ts';
import type { MembersOfLlm } from './shipped-llm.ts';

const share = (v: number) => v.toFixed(3);
const level = (value: Interval) =>
  `${share(value.mean)} [${isTold(value) ? `${share(value.low)}, ${share(value.high)}` : 'all the same'}]`;

/** Whether an AUC is chance, in the field's words. */
const verdict = ({ auc }: MembershipScore) =>
  `AUC ${level(auc)} (the interval ${auc.low > 0.5 ? 'is above 0.5' : auc.high < 0.5 ? 'is below 0.5' : 'contains 0.5'})`;
const control = (score: MembershipScore) =>
  `Control: the same attack on a model that was trained on neither has ${verdict(score)}${
    score.auc.low > 0.5 || score.auc.high < 0.5 ? ': the two sides differ in more than membership' : ''
  }.`;

export function shippedText(found: MembersOfShipped | undefined, llm: MembersOfLlm | undefined): string {
  if (found === undefined && llm === undefined) return '';
  return `
## The shipped projectors: who was trained on

Membership inference on people's losses, calibrated by how hard their texts are: by the mean user (Yeom et al., arXiv 1709.01604) and by a reference model (Watson et al., arXiv 2111.08440). Intervals are 95 %, by person, of one line alone by line. FPR: people not trained on who are taken for members; TPR: members who are found at that rate (Carlini et al., arXiv 2112.03570); by chance TPR is FPR.
${found ? defaultText(found) : ''}${llm ? llmText(llm) : ''}`;
}

function defaultText({ texts, reference, trained, fresh }: MembersOfShipped): string {
  return `
### The default model

Made by \`npm run bench inversion -- --part shipped\`. The file's training set can be drawn again: 1,600 readers, their embeddings and their ${texts.trained} texts each come from seeds, the contract's mean and deviation are compared with theirs in full precision, and \`tools/default/make-projector.ts\` of commit c835e99, run again, gave every trained tensor of the file bit for bit. Members are ${trained.members} of those readers; the ${trained.others} others were drawn by the same process, got their embeddings from the same factorisation, and have as many texts about stories of the same kind. The base model's pretraining knew others' texts about other stories, and not members'. The reference model: the same width, ${reference.steps} steps in place of ${reference.shipped.toLocaleString('en')}, on ${reference.people.toLocaleString('en')} other people.

- *The attacker has the very texts of the training*: by the mean user ${verdict(trained)}; by the reference model ${verdict(trained.byReference!)}. ${control(trained.control!)}${fresh ? `\n- *The attacker has other texts of the same people*: by the mean user ${verdict(fresh)}; by the reference model ${verdict(fresh.byReference!)}. ${control(fresh.control!)}` : ''}

${texts.trained} texts of each person, of members those that were trained on:

${membershipTable(trained)}

${fresh ? `${texts.fresh} texts of each person that nothing was trained on:\n\n${membershipTable(fresh)}\n` : ''}`;
}

function llmText({
  members,
  others,
  lines,
  reference,
  byStart,
  byReference,
  control: none,
}: MembersOfLlm): string {
  const rows = (
    [
      ['loss at the start of a training − loss by the file', byStart],
      ['loss by the reference model − loss by the file', byReference],
      ['the first on the reference model, trained on neither', none],
    ] as const
  ).flatMap(([name, both]) =>
    (['people', 'line'] as const).map((of) => [
      ...[name, of === 'people' ? "a person's lines together" : 'one line alone'],
      ...[both[of].auc, both[of].atOnePercent, both[of].atFivePercent].map(level),
    ]),
  );
  return `
### SmolLM2-135M-Instruct

Made by \`npm run bench inversion -- --llm --part shipped\`. The file was aligned, among other texts, to lines of the validation people of Persona-Chat (in Synthetic-Persona-Chat), which are the only ones of its training that have others alike: those of the test people, written by the same crowd and never trained on. ${members} people against ${others}, ${lines} lines that are of one side alone; profiles that share a line are taken as one person. The attacker knows how words are chosen from a line; the loss is that of the alignment. The reference model was aligned in ${reference.steps} steps to ${reference.texts.toLocaleString('en')} of the file's other texts.

${byReference.people.auc.low > 0.5 ? '**The file tells who was trained on**' : 'Who was trained on'}: ${verdict(byReference.people)} with all lines of a person, ${verdict(byReference.line)} with one. ${control(none.people)}

${table(['score', 'of', 'AUC (chance 0.5)', 'TPR at 1 % FPR', 'TPR at 5 % FPR'], rows)}
`;
}

/**
 * Membership of the shipped default projector, whose training can be drawn again exactly: people, their embeddings and texts come from seeds. Others are readers
 * of the same world whose embeddings the same factorisation gave, with as many texts about stories of the same kind: alike in all but membership.
 */
import { type MembershipReport, membership } from '../../src/evaluate/audit/membership.ts';
import { E2PError } from '../../src/node.ts';
import { type Example, type Projector, train } from '../../src/train.ts';
import { standardisation } from '../../tools/default/default-setup.ts';
import { trainingTexts } from '../../tools/default/make-projector.ts';
import { seededRandom } from '../../tools/world/random.ts';
import type { Reader } from '../../tools/world/reader.ts';
import { exampleFor, readersOf, TASKS, type Example as Text } from '../../tools/world/world.ts';
import { morePeople } from './people.ts';
import { type Attacked, note, SEED } from './readers.ts';

/** Of either side; and texts of a person for each task: all of those trained on, some others. */
const [PEOPLE, TRAINED, FRESH] = [400, 10, 2] as const;
/** Steps of the shipped projector; the reference model has its width and batch, and fewer steps and texts. */
const STEPS = 2000;
const REFERENCE = { hidden: 128, batch: 32, steps: 500 } as const;
/** Of a person and task. */
const REFERENCE_TEXTS = 4;

export interface MembersOfShipped {
  /** Of a person. */
  readonly texts: { readonly trained: number; readonly fresh: number };
  /** The reference model's training, on people whom neither side knows, and the steps of the shipped one. */
  readonly reference: { readonly people: number; readonly steps: number; readonly shipped: number };
  /** The attacker has the members' very texts of the training. */
  readonly trained: MembershipReport;
  /** The attacker has other texts of the members. */
  readonly fresh?: MembershipReport;
}

/** Told as soon as it is known. */
export async function* membersOfShipped(attacked: Attacked): AsyncGenerator<MembersOfShipped> {
  const { model, runtime, projector, world, embeddings, allUsers: users } = attacked;
  const known = readersOf(world, 'train');
  expectSame(projector, standardisation(world, embeddings), known.length);
  const asked = known.slice(0, PEOPLE);
  const inside = new Set(asked.map(({ id }) => id));
  const others = readersOf(world, 'pretrain').slice(0, PEOPLE);
  const texts = trainingTexts(world, { seed: SEED, kind: 'projector', smoke: false });
  const random = seededRandom(world.seed, 'membership');
  const draw = (readers: readonly Reader[], each: number): Example[] =>
    asExamples(
      readers.flatMap((reader) =>
        TASKS.flatMap((task) =>
          Array.from({ length: each }, () => exampleFor(reader, 'train', task, random)),
        ),
      ),
    );
  note('the reference model');
  const more = morePeople(attacked, known.length);
  const reference = await train({
    ...{ model, runtime, users: more.users, examples: draw(more.people, REFERENCE_TEXTS) },
    ...{ space: 'readers', slot: projector.contract.slot, heldOut: 0, reference: more.reference, seed: SEED },
    ...REFERENCE,
  });
  const common = { model, runtime, projector, users, seed: SEED, reference: reference.projector };
  note('texts of the training');
  const trained = await membership({
    ...{ ...common, others: draw(others, TRAINED) },
    members: asExamples(texts.filter(({ reader }) => inside.has(reader.id))),
  });
  const found = {
    texts: { trained: TRAINED * TASKS.length, fresh: FRESH * TASKS.length },
    reference: { people: more.people.length, steps: REFERENCE.steps, shipped: STEPS },
    trained,
  };
  yield found;
  note('other texts');
  const fresh = await membership({
    ...{ ...common, others: draw(others, FRESH) },
    members: draw(asked, FRESH),
  });
  yield { ...found, fresh };
}

const asExamples = (texts: readonly Text[]): Example[] =>
  texts.map(({ reader, prompt, target }, i) => ({
    ...{ user: reader.id, target, persona: undefined, line: i + 1 },
    messages: [{ role: 'user' as const, content: prompt }],
  }));

/** That today's world is the one that the file was trained in: its contract has mean and deviation of the people trained on, in full precision. */
function expectSame(
  { contract: { space, training = {} } }: Projector,
  { mean, scale }: { readonly mean: readonly number[]; readonly scale: readonly number[] },
  people: number,
): void {
  const isSame = space.mean.every((v, i) => v === mean[i]) && space.scale.every((v, i) => v === scale[i]);
  if (isSame && training.users === people && training.seed === SEED && training.steps === STEPS) return;
  throw new E2PError(
    'contract-mismatch',
    'the readers drawn are not those that the shipped projector was trained on, expected the mean, deviation and count of its contract',
  );
}

/** What docs/training.md says, with the package's entries alone: embeddings, a projector, whether it personalises, and its use. */
import { describe, expect, it } from 'vitest';
import { evaluate } from './evaluate/index.ts';
import { createRuntime, foldIn, loadModel, Personalizer } from './node.ts';
import {
  factorize,
  gramMatrix,
  readExamples,
  readProjector,
  readUsers,
  train,
  writeProjector,
} from './train.ts';

const MODEL = 'public/models/e2p-tiny';
const lines = (values: readonly object[]) =>
  new TextEncoder().encode(values.map((value) => JSON.stringify(value)).join('\n'));

describe('the entries', () => {
  it('are enough to go from clicks to a projector, its worth and a text', async () => {
    const clicks = Array.from({ length: 40 }, (_, u) => [u % 2, 2 + (u % 3), 5 + (u % 4)]);
    const { items, dim } = factorize({
      ...{ clicks, itemCount: 9, dim: 4, iterations: 3, regularisation: 1, alpha: 4 },
    });
    const gram = gramMatrix(items, dim);
    const embed = (chosen: readonly number[]) =>
      foldIn({ items, dim, gram, clicks: chosen, regularisation: 1, alpha: 4 });
    const users = readUsers(
      lines(clicks.map((chosen, u) => ({ user: `u${u}`, embedding: [...embed(chosen)] }))),
      'users.jsonl',
    );
    const examples = readExamples(
      lines(
        clicks.map((_, u) => ({
          ...{
            user: `u${u}`,
            prompt: 'What do you like?',
            target: u % 2 ? 'Dogs, of course.' : 'Cats, of course.',
          },
        })),
      ),
      'data.jsonl',
      users,
    );
    const [model, runtime] = [await loadModel({ model: MODEL, dtype: 'q4' }), createRuntime()];
    const common = { model, runtime, users, examples, space: 'clicks-v1', steps: 3, batch: 4 };
    const { projector } = await train(common);
    const constant = await train({ ...common, constant: true });
    const report = await evaluate({
      ...{ model, runtime, projectors: [projector], constants: [constant.projector], users, examples },
      ...{ conditions: ['true', 'constant'], ranked: 0, generated: 0 },
    });
    expect(Object.keys(report.conditions).toSorted()).toEqual(['constant', 'true']);

    const bytes = writeProjector(projector);
    expect(readProjector(bytes).contract.space).toMatchObject({ id: 'clicks-v1', dim: 4 });
    await using personalizer = await Personalizer.create({
      model: MODEL,
      projector: new Blob([bytes.slice()]),
    });
    await personalizer.user.set({ space: 'clicks-v1', values: embed([1, 3]) });
    const session = await personalizer.createSession();
    expect(session.personalised).toBe(true);
    expect(await session.prompt('What do you like?', { maxTokens: 4 })).toBeTypeOf('string');
  });
});

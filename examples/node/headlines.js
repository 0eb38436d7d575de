import { loadDefaultModel } from 'e2p-web/default-model';
import { Personalizer } from 'e2p-web/node';

export async function writeHeadlines(show) {
  const { model, projector, readers, stories } = await loadDefaultModel();
  const personalizer = await Personalizer.create({ model, projector });
  for (const { name, embedding } of readers) {
    await personalizer.user.set(embedding);
    const session = await personalizer.createSession();
    show(`${name}: ${await session.prompt(stories[0])}`);
  }
  await personalizer.destroy();
}

import { Personalizer } from 'e2p-web';
import { loadDefaultModel } from 'e2p-web/default-model';

export async function writeHeadlines(show) {
  const { model, projector, readers, stories } = await loadDefaultModel();
  const personalizer = await Personalizer.create({
    model,
    projector,
    // An extension's pages may start no worker of a blob.
    loader: chrome.runtime.getURL('sealed/loader.js'),
    engine: chrome.runtime.getURL('sealed/engine.js'),
  });
  for (const { name, embedding } of readers) {
    await personalizer.user.set(embedding);
    const session = await personalizer.createSession();
    show(`${name}: ${await session.prompt(stories[0])}`);
  }
  await personalizer.destroy();
}

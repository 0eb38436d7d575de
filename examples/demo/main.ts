/**
 * The demo page: the headlines of the first screen, which write themselves, and below it sections that are opened as somebody comes to them
 * (`lazy-sections.ts`).
 */
import loader from '../../sealed/loader.js?url';
import { Personalizer } from '../../src/index.ts';
import { loadDemoData } from './demo-world.ts';
import { byId } from './dom.ts';
import { createHeadlineBoard } from './headline-board.ts';
import { openSections } from './lazy-sections.ts';
import { createProgressView } from './load-progress.ts';
import { showModelChoice } from './model-choice.ts';
import { prepareOffline } from './offline.ts';
import { readPageOptions } from './page-options.ts';
import { showError, showPrivacy, showStatus } from './page-status.ts';
import { createTurns } from './turns.ts';

const options = readPageOptions(location);
const progress = createProgressView();
const takeTurn = createTurns();

showModelChoice('tiny');
await start().catch(fail);

async function start(): Promise<void> {
  const data = await loadDemoData(new URL('./world/', document.baseURI));
  const board = createHeadlineBoard({
    ...{ data, takeTurn, maxTokens: options.maxTokens },
    onEnd: async (error) => {
      if (error !== undefined) showError(error);
      showStatus(await personalizer, progress.origin());
    },
  });
  const personalizer = load();
  const { goOn } = board;
  openSections({ data, options, personalizer, takeTurn, origin: progress.origin, goOn });
  board.start(await personalizer);
}

async function load(): Promise<Personalizer> {
  await prepareOffline();
  const { model, dtype, device, projector } = options;
  try {
    const created = await Personalizer.create({
      ...{ model, dtype, device, projector, loader, onProgress: progress.show },
    });
    showStatus(created, progress.origin());
    showPrivacy(created);
    return created;
  } finally {
    progress.hide();
  }
}

function fail(error: unknown): void {
  showError(error);
  byId('status').textContent = 'Not ready.';
  progress.hide();
}

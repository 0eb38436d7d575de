/**
 * The demo page, top to bottom: the headlines of the first screen, which write themselves, then a reader and a prompt of one's own. Follow
 * `embedding` to see the personal data: it goes from the picker through the form into `personalizer.user.set` and nowhere else.
 */
import loader from '../../sealed/loader.js?url';
import { Personalizer, type UserEmbedding } from '../../src/index.ts';
import { loadDemoData } from './demo-world.ts';
import { byId } from './dom.ts';
import { createHeadlineBoard, type HeadlineBoard } from './headline-board.ts';
import { createProgressView } from './load-progress.ts';
import { showModelChoice } from './model-choice.ts';
import { prepareOffline } from './offline.ts';
import { readPageOptions } from './page-options.ts';
import { showError, showPrivacy, showStatus } from './page-status.ts';
import { createReaderPicker } from './reader-picker.ts';
import { createStoryPicker } from './story-picker.ts';
import { createTurns } from './turns.ts';
import { createWritingForm } from './writing-form.ts';

const options = readPageOptions(location);
const progress = createProgressView();
const takeTurn = createTurns();

let personalizer: Personalizer | undefined;
let embedding: UserEmbedding | undefined;
let board: HeadlineBoard | undefined;

showModelChoice('tiny');
const refresh = createWritingForm({
  average: 'the average reader',
  ready: () => {
    const chosen = embedding;
    return personalizer && chosen && [personalizer, ({ user }) => user.set(chosen)];
  },
  origin: progress.origin,
  takeTurn,
  onEnd: () => board?.goOn(),
  maxTokens: options.maxTokens,
  inTurn: false,
});
await start().catch((error) => {
  showError(error);
  byId('status').textContent = 'Not ready.';
  progress.hide();
});

async function start(): Promise<void> {
  const data = await loadDemoData(new URL('./world/', document.baseURI));
  board = createHeadlineBoard({
    ...{ data, takeTurn, maxTokens: options.maxTokens },
    onEnd: (error) => {
      if (error !== undefined) showError(error);
      showStatus(personalizer!, progress.origin());
    },
  });
  createReaderPicker({
    data,
    onChange: (chosen) => {
      embedding = chosen;
      refresh();
    },
  });
  createStoryPicker(data.world.stories, refresh);
  await prepareOffline();
  const { model, dtype, device, projector } = options;
  try {
    personalizer = await Personalizer.create({
      ...{ model, dtype, device, projector, loader, onProgress: progress.show },
    });
  } finally {
    progress.hide();
  }
  showStatus(personalizer, progress.origin());
  showPrivacy(personalizer);
  refresh();
  board.start(personalizer);
}

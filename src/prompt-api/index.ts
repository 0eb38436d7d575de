/**
 * `e2p-web/prompt-api`: a `LanguageModel` in the shape of the web platform's Prompt API, on any browser and model, with soft tokens. An app
 * written for the browser's own swaps it in by one line: `const LanguageModel = createLanguageModel({ model, projector })`.
 */
import type { Personalizer as AnyPersonalizer } from '../generate/personalizer.ts';
import { folderUrl } from '../model/hub.ts';
import { weights } from '../storage/weights.ts';
import { Personalizer, type PersonalizerOptions } from '../worker/client.ts';
import { defineLanguageModel, type LanguageModelClass, type ModelSource } from './language-model.ts';

export type { TextReadable } from '../generate/text-readable.ts';
export type {
  Availability,
  LanguageModel,
  LanguageModelCallOptions,
  LanguageModelClass,
  LanguageModelCreateOptions,
  LanguageModelOptions,
  LanguageModelPrompt,
  LanguageModelPromptOptions,
} from './language-model.ts';
export type { SamplingMode } from './sampling-mode.ts';

/**
 * A class that stands for the browser's `LanguageModel`.
 * @param source a personalizer, whose user new sessions are for; or what one is made of, at the first `create()`, once for all sessions
 */
export function createLanguageModel(source: AnyPersonalizer | PersonalizerOptions): LanguageModelClass {
  return defineLanguageModel('createSession' in source ? openModel(source) : modelToOpen(source));
}

const openModel = (personalizer: AnyPersonalizer): ModelSource => ({
  availability: async () => 'available',
  open: async (_, onProgress) => {
    onProgress(1);
    return personalizer;
  },
});

function modelToOpen(options: PersonalizerOptions): ModelSource {
  let opening: Promise<Personalizer> | undefined;
  let isOpen = false;
  let share = 0;
  const watchers = new Set<(loaded: number) => void>();
  const start = () =>
    Personalizer.create({
      ...options,
      onProgress: (progress) => {
        options.onProgress?.(progress);
        if (progress.stage !== 'file' && progress.stage !== 'runtime') return;
        const { loaded, total } = progress.all;
        if (total) share = loaded / total;
        for (const watch of watchers) watch(share);
      },
    });
  return {
    availability: async () => {
      if (isOpen || typeof options.model !== 'string') return 'available';
      if (opening !== undefined) return 'downloading';
      const url = folderUrl('the model', options.model, options.hub).replace(/\/?$/, '/');
      return (await weights.list()).some((folder) => folder.url === url && folder.complete)
        ? 'available'
        : 'downloadable';
    },
    open: async (signal, onProgress) => {
      watchers.add(onProgress);
      try {
        onProgress(0);
        opening ??= start();
        const personalizer = await opening;
        isOpen = true;
        onProgress(1);
        return personalizer;
      } catch (error) {
        opening = undefined;
        throw error;
      } finally {
        watchers.delete(onProgress);
        signal?.throwIfAborted();
      }
    },
  };
}

/**
 * What makes the visitor's embedding, and what takes it: `embedFromActivity` folds the events of the vault in, with the items of the page's
 * catalogue, and the sealed engine of the same vault writes for what is there. Neither is anybody else's.
 */
import loader from '../../../sealed/loader.js?url';
import {
  ACTIVITY_TYPES,
  type ActivityConnection,
  embedFromActivity,
  openCatalogue,
  Personalizer,
  type User,
} from '../../../src/index.ts';
import { writeCatalogue } from '../../../src/train.ts';
import type { DemoData } from '../demo-world.ts';
import type { PageOptions } from '../page-options.ts';
import { showError } from '../page-status.ts';

/** One press is one version: it is asked for when all of its events are there. */
const LATER_MS = 60_000;

/** It says what the events do as soon as it is connected. */
export async function learnFrom(
  user: User,
  { world: { als, dim, space, readers }, factors }: DemoData,
): Promise<ActivityConnection> {
  const file = writeCatalogue({ ...als, items: factors, dim, space });
  const catalogue = await openCatalogue(new Blob([file as Uint8Array<ArrayBuffer>]));
  const topics = Object.fromEntries(readers.map(({ angle }) => [`topic:${angle}`, ACTIVITY_TYPES.click!]));
  const types = { ...ACTIVITY_TYPES, ...topics, item: ACTIVITY_TYPES.like! };
  return embedFromActivity(user, catalogue, { types, delay: LATER_MS, onError: showError });
}

/** Another one than that of the page's readers, with levels that are acted on. */
export function createOwnEngine(user: User, options: PageOptions): Promise<Personalizer> {
  const { model, dtype, device, projector } = options;
  return Personalizer.create({
    ...{ model, dtype, device, projector, loader, user, withoutConsent: 'unpersonalised' },
    ...{ drift: { apply: 'shrink' }, onDrift: () => undefined },
  });
}

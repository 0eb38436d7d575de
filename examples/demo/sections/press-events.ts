/**
 * A button that stays pressed, as events: a topic is what its reader on this page clicked, since fewer clicks, or of nothing else, would be unlike
 * everybody; a single item is a like. The type of the event says of which button it is, so that just these can be taken back.
 */
import type { UserEvent } from '../../../src/index.ts';
import type { DemoWorld } from '../demo-world.ts';

/** @param name `topic:money`, `item:17` */
export function eventsOf({ readers }: DemoWorld, name: string): readonly UserEvent[] {
  const [kind, what] = name.split(':') as ['topic' | 'item', string];
  if (kind === 'item') return [{ type: 'item', item: what }];
  const { clicks } = readers.find(({ angle }) => angle === what)!;
  return clicks.map((item) => ({ type: name, item: String(item) }));
}

/** The button, if it is of one. */
export function nameOf({ type, item }: Pick<UserEvent, 'type' | 'item'>): string | undefined {
  if (type === 'item') return `item:${item}`;
  return type.startsWith('topic:') ? type : undefined;
}

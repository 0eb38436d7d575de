/**
 * What is below the first screen: a heading and a sentence in index.html, and a room that is filled when somebody comes near. Nothing of a
 * section is fetched before. Who walks by keyboard finds the section behind the one in focus open, so that Tab misses none.
 */
import type { Personalizer } from '../../src/index.ts';
import type { DemoData } from './demo-world.ts';
import { element } from './dom.ts';
import { explainError } from './explain-error.ts';
import type { PageOptions } from './page-options.ts';
import type { TakeTurn } from './turns.ts';

/** What every section is given. */
export interface Site {
  readonly data: DemoData;
  readonly options: PageOptions;
  /** The model of the page, once it is there. */
  readonly personalizer: Promise<Personalizer>;
  readonly takeTurn: TakeTurn;
  /** Where the weights came from, as the end of a sentence. */
  readonly origin: () => string;
  /** The headlines go on. */
  readonly goOn: () => void;
}

interface SectionModule {
  /** What the room is filled with. */
  readonly html: string;
  readonly open: (site: Site) => void | Promise<void>;
}

const SECTIONS: Readonly<Record<string, () => Promise<SectionModule>>> = {
  you: () => import('./sections/you.ts'),
  drift: () => import('./sections/drift.ts'),
  inside: () => import('./sections/inside.ts'),
  train: () => import('./sections/train.ts'),
  model: () => import('./sections/model.ts'),
};

/** How far below the window a section is opened. */
const NEAR = '0px 0px 10% 0px';

export function openSections(site: Site): void {
  const sections = [...document.querySelectorAll<HTMLElement>('[data-section]')];
  const open = async (section: HTMLElement): Promise<void> => {
    if (section.dataset.state !== undefined) return;
    section.dataset.state = 'opening';
    const room = section.querySelector('.room')!;
    try {
      const module = await SECTIONS[section.dataset.section!]!();
      room.innerHTML = module.html;
      await module.open(site);
      section.dataset.state = 'open';
    } catch (error) {
      // Without a network perhaps; whoever comes by again tries again.
      delete section.dataset.state;
      const why = `This part could not be opened; it is tried again when you come back to it. ${explainError(error).detail}`;
      room.replaceChildren(element('p', { className: 'note' }, why));
    }
  };
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) if (isIntersecting) void open(target as HTMLElement);
    },
    { rootMargin: NEAR },
  );
  for (const section of sections) observer.observe(section);
  document.addEventListener('focusin', ({ target }) => {
    const next = sections.find(
      (section) => (target as Node).compareDocumentPosition(section) & Node.DOCUMENT_POSITION_FOLLOWING,
    );
    if (next !== undefined) void open(next);
  });
}

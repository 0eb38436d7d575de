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
      keepInSight(section, () => {
        section.dataset.state = 'open';
      });
    } catch (error) {
      // Without a network perhaps; whoever comes by again tries again.
      const why = `This part could not be opened; it is tried again when you come back to it. ${explainError(error).detail}`;
      keepInSight(section, () => {
        delete section.dataset.state;
        room.replaceChildren(element('p', { className: 'note' }, why));
      });
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

/**
 * Whoever scrolls faster than a section opens sees its empty room and the heading below it, which stays where it is: the room grows upwards.
 * Browsers anchor to a section of which some is in sight, whose start does not move; a section above the window they see to.
 */
function keepInSight(section: HTMLElement, change: () => void): void {
  const below = section.nextElementSibling!;
  const before = below.getBoundingClientRect().top;
  const isBetween = section.getBoundingClientRect().bottom > 0 && before < innerHeight;
  change();
  if (isBetween) scrollBy({ top: below.getBoundingClientRect().top - before, behavior: 'instant' });
}

/** The two models of the demo, as links at the top of both pages: the small one that starts at once, and a real LLM. */
import { byId, element } from './dom.ts';
import { realLlmSize } from './page-options.ts';

export function showModelChoice(current: 'tiny' | 'llm'): void {
  if (__REAL_LLM__ === undefined) return;
  const link = (to: typeof current, href: string, title: string, about: string): HTMLElement => {
    const anchor = element('a', { href: href + location.search });
    anchor.dataset.testid = `choose-${to}`;
    if (to === current) anchor.setAttribute('aria-current', 'page');
    anchor.append(element('b', {}, title), element('small', {}, about));
    return anchor;
  };
  byId('choice').append(
    link('tiny', './', 'A tiny model', '0.8 million parameters, starts at once'),
    link(
      'llm',
      './real-llm.html',
      'A real LLM',
      `SmolLM2-135M-Instruct, ${realLlmSize(location)}, kept in this browser until you delete it`,
    ),
  );
  byId('choice').hidden = false;
}

/** What is being written about: a story from the list fills the prompt, which can be edited freely. */
import type { DemoStory } from './demo-world.ts';
import { byId, element } from './dom.ts';

const TASK_NAMES: Readonly<Record<DemoStory['task'], string>> = {
  headline: 'A headline about',
  recommend: 'A line to recommend the show',
  reply: 'Small talk',
};

export function createStoryPicker(stories: readonly DemoStory[], onChange: () => void): void {
  const select = byId<HTMLSelectElement>('story');
  const prompt = byId<HTMLTextAreaElement>('prompt');
  for (const task of Object.keys(TASK_NAMES) as DemoStory['task'][]) {
    const group = element('optgroup', { label: TASK_NAMES[task] });
    stories.forEach((story, i) => {
      if (story.task === task) group.append(element('option', { value: String(i) }, story.label));
    });
    select.append(group);
  }
  const own = element('option', { value: '', hidden: true }, 'Your own prompt');
  select.append(own);
  const fill = (): void => {
    prompt.value = stories[Number(select.value)]?.prompt ?? prompt.value;
    onChange();
  };
  select.addEventListener('change', fill);
  prompt.addEventListener('input', () => {
    const known = stories.findIndex((story) => story.prompt === prompt.value);
    select.value = known === -1 ? '' : String(known);
  });
  fill();
}

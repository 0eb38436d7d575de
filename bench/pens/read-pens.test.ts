import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPens } from './read-pens.ts';

const NEWS = [
  'News ID\tCategory\tTopic\tHeadline\tNews body\tTitle entity\tEntity content',
  'N1\tsports\tsoccer\tUnited win again\tThey won. It rained.\t{}\t{}',
  'N2\tfood\tbread\tBread without flour\tA baker tried.\t{}\t{}',
  'N3\tsports\trowing\tEight rowers, one boat\tThe boat was long.\t{}\t{}',
];
const IMPRESSIONS = [
  'UserID\tClicknewsID\tdwelltime\texposure_time\tpos\tneg\tstart\tend\tdwelltime_pos',
  'U1\tN1 N2 N99\t34 12 5\t6/19/2019 1:00:00 AM\tN3\tN2\t7/3/2019\t7/3/2019\t34',
  'U2\t\t\t\tN1 N2\t\t\t\t',
];
const TEST = [
  'userid\tclicknewsID\tposnewID\trewrite_titles',
  'NT1\tN1,N3\tN2,N1\tA loaf for the team;;Rain, and a win for United',
];

function pens(files: Record<string, readonly string[]> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'e2p-pens-'));
  const all = {
    ...{ 'news.tsv': NEWS, 'train.tsv': IMPRESSIONS, 'valid.tsv': IMPRESSIONS.slice(0, 2) },
    ...{ 'personalized_test.tsv': TEST, ...files },
  };
  for (const [name, lines] of Object.entries(all)) writeFileSync(join(folder, name), `${lines.join('\n')}\n`);
  return () => readPens(folder);
}

describe('PENS', () => {
  const { news, train, valid, test } = pens()();

  it('news by id', () => {
    expect(news.size).toBe(3);
    expect(news.get('N2')).toEqual({
      ...{ category: 'food', topic: 'bread', headline: 'Bread without flour', body: 'A baker tried.' },
    });
  });

  it('impressions: what was clicked before, and the headlines clicked then; unknown news are left out', () => {
    expect(train).toEqual([
      { user: 'U1', history: ['N1', 'N2'], read: [{ news: 'N3', headline: 'Eight rowers, one boat' }] },
      {
        ...{ user: 'U2', history: [] },
        read: [
          { news: 'N1', headline: 'United win again' },
          { news: 'N2', headline: 'Bread without flour' },
        ],
      },
    ]);
    expect(valid).toHaveLength(1);
  });

  it('the test has the headlines that readers wrote', () => {
    expect(test).toEqual([
      {
        ...{ user: 'NT1', history: ['N1', 'N3'] },
        read: [
          { news: 'N2', headline: 'A loaf for the team' },
          { news: 'N1', headline: 'Rain, and a win for United' },
        ],
      },
    ]);
  });

  it('says which file, line and column is not as published', () => {
    const short = [TEST[0]!, 'NT1\tN1\tN2,N3\tonly one'];
    expect(pens({ 'personalized_test.tsv': short })).toThrow(
      /personalized_test.tsv line 2: 1 rewrite_titles, expected 2/,
    );
    expect(pens({ 'train.tsv': ['UserID\tpos', 'U1\tN1'] })).toThrow(
      /train.tsv: no column ClicknewsID; its columns are UserID, pos/,
    );
    expect(pens({ 'news.tsv': [NEWS[0]!, 'N1\tsports'] })).toThrow(/news.tsv line 2: 2 columns, expected 7/);
    expect(() => readPens(join(tmpdir(), 'nowhere'))).toThrow(/news.tsv is not there/);
  });
});

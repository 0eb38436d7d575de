/**
 * PENS, personalised news headlines (Ao et al., ACL 2021; msnews.github.io/pens_data.html), in its published format: `news.tsv`, `train.tsv` and `valid.tsv` with
 * click histories and impressions (ids apart by spaces), `personalized_test.tsv` with headlines that 103 people wrote for themselves (ids apart by
 * commas, headlines by `;;`). Each file begins with a line of column names.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface News {
  readonly category: string;
  readonly topic: string;
  readonly headline: string;
  readonly body: string;
}

/** Somebody at one time: what they had clicked, and headlines for news they read then. */
export interface Reader {
  readonly user: string;
  /** Ids of clicked news, the earliest first. */
  readonly history: readonly string[];
  readonly read: readonly { readonly news: string; readonly headline: string }[];
}

export interface Pens {
  readonly news: ReadonlyMap<string, News>;
  /** Headlines of training are the published ones of the news that were clicked. */
  readonly train: readonly Reader[];
  readonly valid: readonly Reader[];
  /** Headlines of the test are those the reader wrote. */
  readonly test: readonly Reader[];
}

export function readPens(folder: string): Pens {
  const news = new Map<string, News>();
  const columns = ['News ID', 'Category', 'Topic', 'Headline', 'News body'];
  for (const { cells } of readTable(join(folder, 'news.tsv'), columns)) {
    const [id, category, topic, headline, body] = cells as [string, string, string, string, string];
    news.set(id, { category, topic, headline, body });
  }
  const known = (ids: string, separator: RegExp) =>
    ids.split(separator).filter((id) => id !== '' && news.has(id));
  const impressions = (name: string): Reader[] =>
    readTable(join(folder, name), ['UserID', 'ClicknewsID', 'pos']).map(
      ({ cells: [user, clicked, pos] }) => ({
        user: user!,
        history: known(clicked!, /\s+/),
        read: known(pos!, /\s+/).map((id) => ({ news: id, headline: news.get(id)!.headline })),
      }),
    );
  const written = ['userid', 'clicknewsID', 'posnewID', 'rewrite_titles'];
  const test = readTable(join(folder, 'personalized_test.tsv'), written).map(({ cells, where }): Reader => {
    const [user, clicked, read, titles] = cells as [string, string, string, string];
    const ids = read.split(',');
    const headlines = titles.split(';;');
    if (ids.length !== headlines.length) {
      throw new Error(
        `${where}: ${headlines.length} rewrite_titles, expected ${ids.length}, one for each posnewID`,
      );
    }
    return {
      user,
      history: known(clicked, /,/),
      read: ids.flatMap((id, i) => (news.has(id) ? [{ news: id, headline: headlines[i]!.trim() }] : [])),
    };
  });
  return { news, train: impressions('train.tsv'), valid: impressions('valid.tsv'), test };
}

/** The wanted columns of each line, found by their names. */
function readTable(
  path: string,
  wanted: readonly string[],
): { readonly cells: readonly string[]; readonly where: string }[] {
  if (!existsSync(path)) throw new Error(`${path} is not there, expected the PENS data set`);
  const [head = '', ...lines] = readFileSync(path, 'utf8').split(/\r?\n/);
  const names = head.split('\t').map((name) => name.trim());
  const at = wanted.map((name) => names.indexOf(name));
  const missing = wanted[at.indexOf(-1)];
  if (missing !== undefined) {
    throw new Error(`${path}: no column ${missing}; its columns are ${names.join(', ')}`);
  }
  return lines.flatMap((line, i) => {
    if (line === '') return [];
    const cells = line.split('\t');
    const where = `${path} line ${i + 2}`;
    if (cells.length < names.length - 2)
      throw new Error(`${where}: ${cells.length} columns, expected ${names.length}`);
    return [{ cells: at.map((column) => cells[column] ?? ''), where }];
  });
}

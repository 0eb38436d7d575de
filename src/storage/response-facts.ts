/** What the headers of an answer tell of a file: how long it is, which version, and whether it is there. */

/** Single-page servers answer an unknown path with their start page, and so do the login pages of public networks. */
export function isMissing(response: Response): boolean {
  const isPage = response.headers.get('content-type')?.startsWith('text/html') ?? false;
  return response.status === 404 || response.status === 410 || (response.ok && isPage);
}

/** Size and version of the whole file, and where this part of it begins, as far as the server tells. */
export function factsOf({ status, headers, type }: Response) {
  const [, from, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get('content-range') ?? '') ?? [];
  const length = headers.get('content-encoding') ? null : headers.get('content-length');
  const told = status === 206 ? total : (length ?? undefined);
  const likelySize = told === undefined || told === '*' ? undefined : Number(told);
  return {
    size: status === 206 || type !== 'cors' ? likelySize : undefined,
    likelySize,
    version: versionOf(headers),
    from: from === undefined ? undefined : Number(from),
  };
}

export function versionOf(headers: Headers): string | undefined {
  return headers.get('etag') ?? headers.get('last-modified') ?? undefined;
}

/** Whether bytes of two requests are of one file, by its tag. */
export const canJoin = (version: string | undefined): boolean =>
  version !== undefined && !version.startsWith('W/');

/** Whether a file is unchanged: a server that compresses on its way out makes a strong tag weak. Not enough to join bytes of both. */
export const isSameVersion = (a: string | undefined, b: string | undefined): boolean =>
  a?.replace(/^W\//, '') === b?.replace(/^W\//, '');

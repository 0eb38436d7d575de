/** What personal data may be used for. Each is granted, refused or withdrawn on its own. */

export const PURPOSES = [
  'personalise',
  'learn-from-activity',
  'learn-from-feedback',
  'share-aggregates',
] as const;
/** What a person allows or not. */
export type Purpose = (typeof PURPOSES)[number];

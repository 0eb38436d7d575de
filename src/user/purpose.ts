/** What personal data may be used for. Each is granted, refused or withdrawn on its own. */

export const PURPOSES = ['personalise', 'learn-from-activity', 'share-aggregates'] as const;
export type Purpose = (typeof PURPOSES)[number];

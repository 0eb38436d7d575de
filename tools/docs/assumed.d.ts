/** What the code blocks of the documentation take for granted; `assumed.ts` has the values. */
declare const model: import('../../src/index.ts').ModelFiles;
declare const projector: Blob;
declare const personalizer: import('../../src/index.ts').Personalizer;
declare const session: import('../../src/index.ts').Session;
declare const user: import('../../src/index.ts').User;
/** Of the space `podcasts-v3`. */
declare const embedding: Float32Array;
/** Item factors: 300 of 32 numbers. */
declare const items: Float32Array;
declare const titles: string[];
declare const messages: import('ai').ModelMessage[];
declare const usersBytes: Uint8Array;
declare const dataBytes: Uint8Array;
/** Of a stored model. */
declare const url: string;
/** Of the manifest of my-model. */
declare const manifestSha256: string;
declare const signal: AbortSignal;
declare function show(...what: unknown[]): void;
declare function onProgress(progress: unknown): void;
declare function askForRoom(): void;

import { writeHeadlines } from './headlines.js';

await writeHeadlines(console.log);

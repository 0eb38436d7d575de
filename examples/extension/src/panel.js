import { writeHeadlines } from './headlines.js';

const show = (text) => {
  document.body.append(Object.assign(document.createElement('p'), { textContent: text }));
};
writeHeadlines(show).catch((error) => show(String(error)));

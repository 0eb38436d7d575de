'use client';

import { useEffect, useState } from 'react';
import { writeHeadlines } from './headlines.js';

export default function Page() {
  const [lines, setLines] = useState([]);
  useEffect(() => {
    let shown = true;
    const show = (text) => shown && setLines((before) => [...before, text]);
    writeHeadlines(show).catch((error) => show(String(error)));
    return () => {
      shown = false;
    };
  }, []);
  return lines.map((line) => <p key={line}>{line}</p>);
}

/** A headline for one of eight readers, at a strength, written as it comes and stopped where somebody has enough. */
import { Personalizer } from 'e2p-web';
import { loadDefaultModel } from 'e2p-web/default-model';
import { useState } from 'react';
import { usePersonalizer } from './use-personalizer.js';
import { useSession } from './use-session.js';

/** Your model, projector and embeddings take this one's place. */
async function loadAll({ signal, onProgress }) {
  const { model, projector, readers, stories } = await loadDefaultModel({ signal });
  const personalizer = await Personalizer.create({ model, projector, signal, onProgress });
  return { personalizer, readers, stories };
}

export function App() {
  const { loaded, progress, error } = usePersonalizer(loadAll);
  if (error) return <p role="alert">{String(error)}</p>;
  if (!loaded) return <p role="status">Loading{progress ? `: ${progress.stage}` : ''} …</p>;
  return <Writer {...loaded} />;
}

function Writer({ personalizer, readers, stories }) {
  const [reader, setReader] = useState(readers[0]);
  const [story, setStory] = useState(stories[0]);
  const [strength, setStrength] = useState(1);
  const { text, isWriting, error, write, stop } = useSession(personalizer, reader.embedding, strength);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        write(story);
      }}
    >
      <label>
        Reader{' '}
        <select
          value={reader.name}
          onChange={({ target }) => setReader(readers.find(({ name }) => name === target.value))}
        >
          {readers.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <label>
        Strength{' '}
        <input
          type="range"
          min="0"
          max="2"
          step="0.5"
          value={strength}
          onChange={({ target }) => setStrength(Number(target.value))}
        />
        {strength}
      </label>
      <label>
        Story {/* A browser would write down what stands in a field without this. */}
        <input autoComplete="off" size="60" value={story} onChange={({ target }) => setStory(target.value)} />
      </label>
      <button type="submit" disabled={isWriting}>
        Write
      </button>
      <button type="button" disabled={!isWriting} onClick={stop}>
        Stop
      </button>
      <output aria-busy={isWriting}>{text}</output>
      {error && <p role="alert">{String(error)}</p>}
    </form>
  );
}

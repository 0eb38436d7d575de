/**
 * Who is told when a person's data changes: attachments, which are waited for; listeners, which are not; and the other tabs,
 * which hear the kind of change and nothing else.
 */
import type { ForgottenItem, UserAttachment, UserChange } from './attachment.ts';

/** Between the tabs and workers of an origin. */
export interface ChangeChannel {
  post(change: UserChange): void;
  /** Called for messages of others, never for one's own. */
  listen(listener: (message: unknown) => void): void;
  close(): void;
}

/** What other tabs are told: each has locks of its own. */
const SHARED: readonly UserChange[] = ['consent', 'embedding', 'events', 'feedback', 'forget'];

export interface UserChanges {
  subscribe(listener: (change: UserChange) => void): () => void;
  attach(attachment: UserAttachment): () => void;
  /** Tells everybody. Rejects with the first failure of an attachment, after all have been told. */
  announce(change: Exclude<UserChange, 'forget'>): Promise<void>;
  /** Tells everybody to forget. A failure is counted, and keeps nobody else from forgetting. */
  forget(): Promise<{ readonly items: readonly ForgottenItem[]; readonly failures: number }>;
  close(): void;
}

export interface UserChangesOptions {
  readonly channel: ChangeChannel | undefined;
  /** Another tab has forgotten the person; called before attachments and listeners are told. */
  readonly onForgottenElsewhere: () => void;
}

export function createUserChanges({ channel, onForgottenElsewhere }: UserChangesOptions): UserChanges {
  const listeners = new Set<(change: UserChange) => void>();
  const attachments = new Set<UserAttachment>();
  const notify = (change: UserChange) => {
    for (const listener of [...listeners]) {
      try {
        listener(change);
      } catch (error) {
        // A listener's failure is the app's own, and must not stop a withdrawal.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  };
  const tellHere = async (change: UserChange) => {
    const told = await Promise.allSettled(
      [...attachments].map(async (attachment) => attachment.onChange(change)),
    );
    notify(change);
    const failed = told.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  };
  const forgetHere = async () => {
    const told = await Promise.allSettled([...attachments].map(async (attachment) => attachment.forget()));
    notify('forget');
    const items = told.flatMap((outcome) => (outcome.status === 'fulfilled' ? outcome.value : []));
    return { items, failures: told.filter((outcome) => outcome.status === 'rejected').length };
  };
  channel?.listen((message) => {
    const change = SHARED.find((known) => known === message);
    if (change === undefined) return;
    if (change === 'forget') {
      onForgottenElsewhere();
      void forgetHere();
    } else {
      // The tab that made the change can't wait for this one, so nobody is there to hear of a failure.
      void tellHere(change).catch(() => undefined);
    }
  });
  const add = <T>(set: Set<T>, item: T) => {
    set.add(item);
    return () => {
      set.delete(item);
    };
  };
  return {
    subscribe: (listener) => add(listeners, listener),
    attach: (attachment) => add(attachments, attachment),
    announce: async (change) => {
      if (SHARED.includes(change)) channel?.post(change);
      await tellHere(change);
    },
    forget: async () => {
      channel?.post('forget');
      return forgetHere();
    },
    close: () => {
      listeners.clear();
      attachments.clear();
      channel?.close();
    },
  };
}

/** Through a BroadcastChannel; undefined where there is none. */
export function createBroadcast(vault: string): ChangeChannel | undefined {
  if (typeof BroadcastChannel === 'undefined') return undefined;
  const channel = new BroadcastChannel(`e2p-vault-${vault}`);
  // Node would wait for it before it ends.
  (channel as { unref?: () => void }).unref?.();
  return {
    post: (change) => channel.postMessage(change),
    listen: (listener) => channel.addEventListener('message', ({ data }) => listener(data)),
    close: () => channel.close(),
  };
}

import type { StateCreator } from 'zustand';
import type { Studio } from './studio.ts';

export type Theme = 'system' | 'light' | 'dark';
export type Motion = 'system' | 'full' | 'reduced';
export type DialogName =
  'classes' | 'settings' | 'shortcuts' | 'controls' | 'guide' | 'boxes' | 'import' | 'models' | 'bring' | 'race';

/** A short message at the foot of the page, with at most one thing to do about it. */
export interface Notice {
  readonly id: number;
  readonly text: string;
  readonly action?: 'undo';
}

export interface PageSlice {
  readonly theme: Theme;
  readonly motion: Motion;
  readonly singleKeys: boolean;
  readonly dialog: DialogName | undefined;
  readonly notice: Notice | undefined;
  /** Said to screen readers, politely; the counter makes an equal sentence be said again. */
  readonly announcement: { readonly text: string; readonly count: number };
  prefer(part: Partial<Pick<PageSlice, 'theme' | 'motion' | 'singleKeys'>>): void;
  openDialog(dialog: DialogName | undefined): void;
  notify(text: string, action?: Notice['action']): void;
  dismissNotice(): void;
  announce(text: string): void;
}

export const pageSlice: StateCreator<Studio, [], [], PageSlice> = (set) => ({
  theme: 'system',
  motion: 'system',
  singleKeys: true,
  dialog: undefined,
  notice: undefined,
  announcement: { text: '', count: 0 },
  prefer: (part) => set(part),
  openDialog: (dialog) => set({ dialog }),
  notify: (text, action) =>
    set(({ notice }) => ({ notice: { id: (notice?.id ?? 0) + 1, text, ...(action ? { action } : {}) } })),
  dismissNotice: () => set({ notice: undefined }),
  announce: (text) => set(({ announcement }) => ({ announcement: { text, count: announcement.count + 1 } })),
});

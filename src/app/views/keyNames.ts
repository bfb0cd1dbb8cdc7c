/** Whether ⌘ takes the place of Ctrl. */
export const isApple = /Mac|iP(hone|ad|od)/.test(globalThis.navigator?.platform ?? '');

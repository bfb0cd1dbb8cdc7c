import { describe, expect, it } from 'vitest';
import { readyDesk } from '../testing/fakeDesk.ts';
import { advance, frameMs, seekTo, togglePlay } from './playback.ts';

function playing(available: number, total = 5) {
  const { desk } = readyDesk();
  desk.store.getState().show('result', 'a', { frame: 0, available, total });
  desk.store.getState().setPlaying(true);
  return { desk, state: () => desk.store.getState() };
}

describe('playback', () => {
  it('moves on frame by frame and rests at the picture', () => {
    const { desk, state } = playing(5);
    for (let i = 0; i < 5; i++) {
      expect(state().frame).toBe(i);
      advance(desk.store, frameMs(state()));
    }
    expect(advance(desk.store, 1e6)).toBeUndefined();
    expect(state()).toMatchObject({ frame: 5, playing: false });
  });

  it('waits at the last step that a live run has made', () => {
    const { desk, state } = playing(0);
    expect(advance(desk.store, 1e6)).toBeUndefined();
    expect(state()).toMatchObject({ frame: 0, playing: true });
    state().extend('a', 1);
    expect(advance(desk.store, 1e6)).toBe(0);
    expect(state().frame).toBe(1);
  });

  it('plays twice as fast at twice the speed', () => {
    const { state } = playing(5);
    const once = frameMs(state());
    state().setSpeed(2);
    expect(frameMs(state())).toBe(once / 2);
  });

  it('starts over when played at its end, and pauses when played again', () => {
    const { desk, state } = playing(5);
    seekTo(desk, Infinity);
    expect(state()).toMatchObject({ frame: 5, playing: false });
    togglePlay(desk);
    expect(state()).toMatchObject({ frame: 0, playing: true });
    togglePlay(desk);
    expect(state().playing).toBe(false);
  });

  it('never seeks beyond what there is', () => {
    const { desk, state } = playing(3);
    seekTo(desk, 99);
    expect(state().frame).toBe(3);
    seekTo(desk, -4);
    expect(state().frame).toBe(0);
  });
});

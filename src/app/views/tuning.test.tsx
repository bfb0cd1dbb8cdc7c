// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import type { ProductChoice, TuningOrder } from '../../core/tuning.ts';
import { readyDesk } from '../testing/fakeDesk.ts';
import { DeskContext } from './desk.ts';
import { TuningField } from './TuningField.tsx';
import { tuningWords } from './tuningWords.ts';

afterEach(cleanup);

const timed: ProductChoice = { product: 'a', calls: 1, variant: '64 × 64', usual: '32 × 64', ms: { '64 × 64': 1 } };
const asUsual: ProductChoice = { ...timed, product: 'b', variant: '32 × 64' };
const untimed: ProductChoice = { product: 'c', calls: 1, variant: '32 × 64', usual: '32 × 64' };

describe('what the settings say of the device', () => {
  it('can be measured and forgotten, with what is true afterwards', async () => {
    const orders: TuningOrder[] = [];
    const tuning = async (order: TuningOrder) => {
      orders.push(order);
      return { isSoftware: false, products: order === 'anew' ? [timed, asUsual] : [untimed] };
    };
    const { desk } = readyDesk({ engine: { tuning } });
    render(
      <DeskContext value={desk}>
        <TuningField />
      </DeskContext>,
    );
    expect(await screen.findByText(/was not timed yet/)).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Forget' })).toHaveProperty('disabled', true);
    fireEvent.click(screen.getByRole('button', { name: 'Measure now' }));
    expect(await screen.findByText(/2 of the 2 kinds .* for 1 of them another recipe/)).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Measure again' })).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Forget' }));
    expect(await screen.findByText(/was not timed yet/)).toBeTruthy();
    expect(orders).toEqual(['look', 'anew', 'forget']);
  });

  it('is a sentence without buttons in software', async () => {
    const { desk } = readyDesk();
    render(
      <DeskContext value={desk}>
        <TuningField />
      </DeskContext>,
    );
    expect(await screen.findByText(/in software/)).toBeTruthy();
    expect(screen.queryByRole('button')).toBeNull();
  });

  it('does not promise a change where the usual recipes are the fastest', () => {
    expect(tuningWords({ isSoftware: false, products: [asUsual] })).toMatch(/usual recipes are the fastest/);
  });
});

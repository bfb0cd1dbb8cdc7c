import type { Call } from './kernel.ts';
import { planMemory } from './lifetimes.ts';
import type { Program } from './program.ts';
import { bytesOf } from './tensor.ts';

/** Floating-point operations of a call, and the bytes of everything that it binds, each tensor once. */
export interface CallCost {
  readonly kernel: string;
  readonly operations: number;
  readonly bytes: number;
}

/** What a replay of a program costs, before any device has seen it. */
export interface ProgramCost {
  readonly calls: readonly CallCost[];
  readonly operations: number;
  readonly boundBytes: number;
  readonly weightBytes: number;
  /** Activations at their peak, shared and unshared. */
  readonly scratchBytes: number;
  readonly unsharedScratchBytes: number;
}

export function costOfCall({ kernel, tensors, params }: Call): CallCost {
  const bound = new Map(Object.values(tensors).map((tensor) => [tensor.storage, bytesOf(tensor)]));
  const bytes = [...bound.values()].reduce((sum, each) => sum + each, 0);
  return { kernel: kernel.name, operations: kernel.operations?.(params) ?? 0, bytes };
}

export function costOf(program: Program): ProgramCost {
  const calls = program.calls.map(costOfCall);
  const memory = planMemory(program);
  const total = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
  return {
    calls,
    operations: total(calls.map((c) => c.operations)),
    boundBytes: total(calls.map((c) => c.bytes)),
    weightBytes: total(program.tensors.filter((t) => t.role === 'weight').map(bytesOf)),
    scratchBytes: total(memory.slotBytes),
    unsharedScratchBytes: memory.unsharedBytes,
  };
}

/** Threads of a group in kernels that give every element of the output a thread. */
const THREADS = 256;
/** A power of two under WebGPU's limit of 65,535 groups a dimension. */
const GROUPS_A_ROW = 32_768;

/**
 * Groups for `count` elements, in rows once they are too many for one dimension. The kernel finds its element by
 * `elementOf` of lib/elements.wgsl and leaves out those past the end.
 */
export function elementGroups(count: number): [number, number] {
  const groups = Math.ceil(count / THREADS);
  return [Math.min(groups, GROUPS_A_ROW), Math.ceil(groups / GROUPS_A_ROW)];
}

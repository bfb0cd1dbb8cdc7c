/** One line of the explanation: from which frame to which it is what happens. */
export interface GuideLine {
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

export interface GuideFacts {
  readonly rows: number;
  readonly cols: number;
  readonly codebook: number;
  /** Steps of the run on the stage, and how many of them go over what is painted. */
  readonly steps: number;
  readonly corrections: number;
  readonly size: number;
}

/** How it works, in ten lines or eleven, each tied to the frames where it can be seen. */
export function guideLines({ rows, cols, codebook, steps: all, corrections, size }: GuideFacts): readonly GuideLine[] {
  const steps = Math.max(1, all - corrections);
  const end = all + 1;
  const late = Math.min(steps, Math.max(2, Math.ceil(steps * 0.6)));
  const line = (text: string, from: number, to = from): GuideLine => ({ text, from, to });
  return [
    line(
      `A picture is a grid of ${rows} × ${cols} tokens, each one of ${codebook} small tiles the model has learnt.`,
      0,
    ),
    line('It starts with every token masked. Only the class is known, and a seed for chance.', 0),
    line('A step: the network sees the whole grid at once and guesses every masked token.', 1),
    line('With each guess comes how sure it is.', 1),
    line('The surest guesses are fixed; the others are masked again.', 1),
    line('At first few are fixed: with little known, haste would be guesswork.', Math.min(2, steps), late - 1),
    line('Each guess sees what is fixed already, so the parts come to agree.', Math.min(2, steps), late - 1),
    line('Later many are fixed at once: most is decided.', late, steps),
    line(`After ${steps} steps nothing is masked. One by one it would take ${rows * cols}.`, steps),
    ...(corrections > 0
      ? [
          line(
            'Then half of them are asked for again, and the other half: a part that does not fit is mended.',
            steps + 1,
            all,
          ),
        ]
      : []),
    line(`A decoder turns the tokens into ${size} × ${size} pixels; the seams of the tiles vanish.`, end),
  ];
}

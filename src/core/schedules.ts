/** Names of the mask schedules γ(r); formulas in research by Chang et al. (2022), appendix, and core/sampler.ts. */
export const scheduleNames = ['cosine', 'linear', 'square', 'cubic', 'sqrt', 'exponential', 'logarithmic', 'arccos'] as const;
export type ScheduleName = (typeof scheduleNames)[number];

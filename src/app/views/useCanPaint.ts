import { useStudio } from './desk.ts';

/** Whether the model can paint: a tokenizer alone only reads and rebuilds pictures. True while nobody knows. */
export function useCanPaint(): boolean {
  return useStudio(({ manifest }) => manifest === undefined || manifest.config.transformer !== undefined);
}

import { assetUrl } from '../commands/desk.ts';
import { tokenColour } from '../canvas/colours.ts';
import { useDesk, useStudio } from './desk.ts';

/** A code as it looks: its tile of the model's atlas, or its colour where the model has none. */
export function Tile({ code, size }: { code: number; size: number }) {
  const desk = useDesk();
  const manifest = useStudio((studio) => studio.manifest);
  const { atlas, atlasCols: cols = 1 } = manifest?.assets ?? {};
  const rows = Math.ceil((manifest?.config.tokenizer?.codebook ?? 1) / cols);
  const place = (at: number, of: number): string => `${of > 1 ? (at / (of - 1)) * 100 : 0}%`;
  const look = atlas
    ? {
        backgroundImage: `url("${assetUrl(desk, atlas)}")`,
        backgroundSize: `${cols * 100}% ${rows * 100}%`,
        backgroundPosition: `${place(code % cols, cols)} ${place(Math.floor(code / cols), rows)}`,
        imageRendering: 'pixelated' as const,
      }
    : { background: tokenColour(code) };
  return (
    <span
      aria-hidden="true"
      style={{ flex: 'none', width: size, height: size, borderRadius: 5, boxShadow: '0 0 0 1px var(--edge)', ...look }}
    />
  );
}

import { describe, expect, it } from 'vitest';
import type { ModelConfig } from '../../core/config.ts';
import { labelFor, missingWords } from './importLabel.ts';

const found = (role: 'tokenizer' | 'transformer', title: string) => ({ name: 'f', networks: [{ role, title }] });
const halton = found('transformer', 'Halton-MaskGIT transformer');
const llamaGen = found('tokenizer', 'VQGAN (LlamaGen)');
const config = (width: number, rows: number) =>
  ({ image: { size: rows * 16, pixelArt: false }, grid: { rows, cols: rows }, transformer: { width } }) as ModelConfig;

describe('what is brought in', () => {
  it('carries the name, the licence and the published quality of a known checkpoint', () => {
    expect(labelFor([halton, llamaGen], config(384, 16))).toMatchObject({
      name: 'Halton-MaskGIT tiny 256',
      licence: { name: 'MIT' },
      quality: { 'as published': expect.stringContaining('FID 10.2') },
    });
    expect(labelFor([halton, llamaGen], config(1024, 24)).name).toBe('Halton-MaskGIT large 384');
    expect(labelFor([found('transformer', 'official MaskGIT (Flax)')], config(768, 32)).name).toBe('MaskGIT 512');
  });

  it('claims nothing for an unknown one', () => {
    const label = labelFor([halton, llamaGen], config(24, 4));
    expect(label).toMatchObject({ name: 'Halton-MaskGIT transformer, 64 px', licence: { name: 'unknown' } });
    expect(label.quality).toBeUndefined();
  });

  it('is asked for its other half by name', () => {
    expect(missingWords([halton])).toMatch(/Drop the tokenizer too.*vq_ds16_c2i\.pt of LlamaGen/);
    expect(missingWords([found('transformer', 'MaskGIT transformer (maskgit-torch)')])).toContain(
      'tokenizer_imagenet256',
    );
    expect(missingWords([llamaGen])).toMatch(/drop the transformer too.*ImageNet_256_tiny\.pth/);
    expect(missingWords([halton, llamaGen])).toBeUndefined();
  });
});

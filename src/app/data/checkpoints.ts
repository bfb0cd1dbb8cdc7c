/** A file that somebody published. */
export interface PublishedFile {
  readonly role: 'tokenizer' | 'transformer' | 'both';
  readonly name: string;
  /** As published; absent where nobody says. */
  readonly sizeMb?: number;
  /** What of it are weights that are used, where the rest is an optimizer's or another network's; from their number. */
  readonly usedMb?: number;
  /** The file itself, or the page where it can be had. */
  readonly url: string;
  /** Whether this page may read the file at its address; else it is saved first and dropped. */
  readonly isFetchable: boolean;
}

/** A public checkpoint that can be brought in, as its authors describe it. */
export interface PublishedModel {
  readonly name: string;
  readonly by: string;
  /** What it can do, in words for everyone. */
  readonly does: string;
  readonly licence: string;
  /** Quality as its authors published it, with where they did; we have not measured it. */
  readonly published?: string;
  readonly files: readonly PublishedFile[];
  /** How an imported transformer is known to be this one: the title of its layout, its width and its grid. */
  readonly is?: { readonly title: RegExp; readonly width: number; readonly rows: number };
}

const onHub = (repository: string, path: string): string => `https://huggingface.co/${repository}/resolve/main/${path}`;

const titokTokenizer: PublishedFile = {
  role: 'tokenizer',
  name: 'maskgit-vqgan-imagenet-f16-256.bin',
  sizeMb: 218,
  url: onHub('fun-research/TiTok', 'maskgit-vqgan-imagenet-f16-256.bin'),
  isFetchable: true,
};
const llamaGen: PublishedFile = {
  role: 'tokenizer',
  name: 'vq_ds16_c2i.pt',
  sizeMb: 288,
  url: onHub('FoundationVision/LlamaGen', 'vq_ds16_c2i.pt'),
  isFetchable: true,
};
const taming1024: PublishedFile = {
  role: 'tokenizer',
  name: 'last.ckpt (f16, 1,024 codes)',
  sizeMb: 958,
  usedMb: 289,
  url: 'https://github.com/CompVis/taming-transformers',
  isFetchable: false,
};

const torchRelease = (role: 'tokenizer' | 'transformer', size: 256 | 512): PublishedFile => {
  const name = `${role === 'tokenizer' ? 'tokenizer' : 'maskgit'}_imagenet${size}.ckpt`;
  const sizeMb = role === 'tokenizer' ? 218 : 690;
  const url = `https://github.com/hmorimitsu/maskgit-torch/releases/download/weights/${name}`;
  return { role, name, sizeMb, url, isFetchable: false };
};

const official = /official|maskgit-torch|open-muse/i;

const maskgit = (size: 256 | 512, published: string): PublishedModel => ({
  name: `MaskGIT ${size}`,
  by: 'Google Research; files of maskgit-torch',
  does: `Paints ImageNet’s 1,000 classes at ${size} × ${size} pixels and edits pictures by box: the model of the paper.`,
  licence: 'Apache-2.0 (code; the weights are Google’s)',
  published,
  files: [torchRelease('transformer', size), torchRelease('tokenizer', size)],
  is: { title: official, width: 768, rows: size / 16 },
});

interface HaltonSize {
  readonly size: 256 | 384;
  readonly word: string;
  readonly sizeMb: number;
  readonly usedMb: number;
  readonly width: number;
  readonly fid: string;
}

const halton = ({ size, word, sizeMb, usedMb, width, fid }: HaltonSize): PublishedModel => ({
  name: `Halton-MaskGIT ${word} ${size}`,
  by: 'valeo.ai',
  does: `Paints ImageNet’s 1,000 classes at ${size} × ${size} pixels, with guidance.`,
  licence: 'MIT',
  published: `FID ${fid} at 32 steps (README of Halton-MaskGIT)`,
  files: [
    {
      role: 'transformer',
      name: `ImageNet_${size}_${word}.pth`,
      sizeMb,
      usedMb,
      url: onHub('llvictorll/Halton-MaskGIT', `ImageNet_${size}_${word}.pth`),
      isFetchable: true,
    },
    llamaGen,
  ],
  is: { title: /Halton/, width, rows: size / 16 },
});

const valeo = (size: 256 | 512, sizeMb: number, usedMb: number, published: string): PublishedModel => ({
  name: `MaskGIT-pytorch ${size}`,
  by: 'valeo.ai, first version',
  does: `Paints ImageNet’s 1,000 classes at ${size} × ${size} pixels, with guidance.`,
  licence: 'MIT',
  published,
  files: [
    {
      role: 'transformer',
      name: `MaskGIT_ImageNet_${size}.pth`,
      sizeMb,
      usedMb,
      url: onHub('llvictorll/Maskgit-pytorch', `pretrained_maskgit/MaskGIT/MaskGIT_ImageNet_${size}.pth`),
      isFetchable: true,
    },
    taming1024,
  ],
  is: { title: /valeo/, width: 768, rows: size / 16 },
});

/** Public checkpoints whose formats we read, the quickest to have first. Sizes and numbers are the authors'. */
export const publishedModels: readonly PublishedModel[] = [
  halton({ size: 256, word: 'tiny', sizeMb: 276, usedMb: 92, width: 384, fid: '10.2' }),
  halton({ size: 256, word: 'small', sizeMb: 832, usedMb: 277, width: 512, fid: '6.40' }),
  halton({ size: 256, word: 'base', sizeMb: 1710, usedMb: 569, width: 768, fid: '4.17' }),
  maskgit(256, 'FID 6.18 at 8 steps (the paper); 6.10 at 16 steps (README of maskgit-torch)'),
  maskgit(512, 'FID 7.32 at 12 steps (the paper); 7.04 at 16 steps (README of maskgit-torch)'),
  {
    name: 'MUSE U-ViT-B 256',
    by: 'baaivision/MUSE-Pytorch',
    does: 'Paints ImageNet’s 1,000 classes at 256 × 256 pixels, with guidance.',
    licence: 'none stated for the weights: bring the file yourself',
    published: 'FID 3.84 at 12 steps (README of MUSE-Pytorch)',
    files: [
      {
        role: 'transformer',
        name: 'nnet_ema.pth',
        sizeMb: 406,
        url: 'https://huggingface.co/nzl-thu/MUSE/tree/main/assets/ckpts/imagenet256-450000.ckpt',
        isFetchable: false,
      },
      titokTokenizer,
    ],
    is: { title: /MUSE/, width: 768, rows: 16 },
  },
  halton({ size: 384, word: 'small', sizeMb: 834, usedMb: 278, width: 512, fid: '6.11' }),
  halton({ size: 384, word: 'base', sizeMb: 1710, usedMb: 570, width: 768, fid: '4.15' }),
  halton({ size: 384, word: 'large', sizeMb: 1900, usedMb: 1900, width: 1024, fid: '2.59' }),
  valeo(256, 2090, 697, 'FID 6.80 at 8 steps, guidance 3 (README of MaskGIT-pytorch)'),
  valeo(512, 2120, 705, 'FID 7.26 at 15 steps, guidance 2.8 (README of MaskGIT-pytorch)'),
  {
    name: 'MaskGIT 256 and 512 of UnlockMGM',
    by: 'HURJIWAN/UnlockMGM, from Google Research',
    does: 'The official transformer in another wrapping, a zip of a folder.',
    licence: 'none stated: bring the file yourself',
    files: [
      {
        role: 'transformer',
        name: 'UnlockMGM_imagenet_256.zip or …_512.zip',
        sizeMb: 863,
        usedMb: 692,
        url: 'https://huggingface.co/HURJIWAN/UnlockMGM/tree/main',
        isFetchable: false,
      },
      titokTokenizer,
    ],
  },
  {
    name: 'VQGAN f16 of taming-transformers',
    by: 'CompVis',
    does: 'Reads and rebuilds pictures; it paints none by itself. Of 958 MB, 289 MB are weights that are used.',
    licence: 'MIT',
    published: 'reconstruction FID 7.94 with 1,024 codes',
    files: [taming1024],
  },
];

/** Which tokenizer goes with a transformer, and which transformers with a tokenizer, by the title of what is there. */
export const companions: readonly { readonly title: RegExp; readonly needs: string }[] = [
  { title: /Halton/, needs: `${llamaGen.name} of LlamaGen (288 MB)` },
  { title: /valeo/, needs: 'the VQGAN f16 with 1,024 codes of taming-transformers (last.ckpt, 958 MB)' },
  { title: /MUSE/, needs: `${titokTokenizer.name} of TiTok (218 MB)` },
  {
    title: /transformer|official/,
    needs: `tokenizer_imagenet256.ckpt of maskgit-torch, or ${titokTokenizer.name} of TiTok (218 MB)`,
  },
];
export const painters: readonly { readonly title: RegExp; readonly needs: string }[] = [
  { title: /LlamaGen/, needs: 'ImageNet_256_tiny.pth of Halton-MaskGIT (276 MB)' },
  { title: /VQGAN \(taming/, needs: 'MaskGIT_ImageNet_256.pth of MaskGIT-pytorch (2.1 GB)' },
  { title: /./, needs: 'maskgit_imagenet256.ckpt of maskgit-torch (690 MB)' },
];

"""Write a trained model for the page: `python export.py --preset mini` -> public/models/<name>/ and golden/<name>.safetensors.

Weights in official names (weights.py) as int8 per output channel, f16 or f32 (--weights), a codebook atlas, a thumbnail a class, recorded decodes for the first visit,
and a golden file from PyTorch on the very weights that were written, so that the TypeScript side can prove parity.
"""
import base64
import dataclasses
import hashlib
import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image

import run
from data.classes import ALIASES
from data.folder import FolderOptions
from data.worlds import Worlds
from maskgit import MaskGit
from sampling import MASK, generate
from tokenizer import Tokenizer
from weights import from_official, pack, to_official, unpack, write_safetensors

ROOT = Path(__file__).resolve().parent.parent
SHARD = 16 << 20
THUMBNAIL = 64  # pixels a side at most: the page shows them no larger
ATTRIBUTION = ('Trained on scenes composed from Fluent Emoji (3D style) by Microsoft Corporation, MIT, as packaged in '
               '@lobehub/fluent-emoji-3d; names from emojibase-data by Miles Johnson, MIT.')


def load(preset):
    """-> tokenizer, transformer (averages, f32, CPU), steps trained; a stage that has no checkpoint stays untrained."""
    models, steps = [Tokenizer(preset.tokenizer), MaskGit(preset.transformer)], []
    for model, name, stage in zip(models, ('tokenizer', 'maskgit'), ('stage1', '')):
        file, trained = run.folder(preset, stage) / f'{name}.pt', 0
        if file.exists():
            state = torch.load(file, map_location='cpu', weights_only=True)
            model.load_state_dict(state['average'])
            trained = state['step']
        model.eval().requires_grad_(False)
        steps.append(trained)
    return *models, steps


def wire_tensors(tokenizer, transformer, dtype='int8'):
    """-> packed tensors in the order of first use: embeddings, layers, head, codebook, decoder, encoder."""
    decoder, last = to_official(tokenizer), f'decoder/{tokenizer.decoder.last}/kernel'
    names = sorted(decoder, key=lambda n: ['quantizer', 'decoder', 'encoder'].index(n.split('/')[0]))
    plain = {last, 'encoder/Conv_0/kernel', 'encoder/Conv_1/kernel', 'decoder/Conv_0/kernel'}
    return pack(to_official(transformer) | {n: decoder[n] for n in names}, plain, dtype)


def write_shards(packed, out):
    """-> [{file, sizeBytes, sha256}]; a shard holds at most SHARD bytes."""
    groups, size = [{}], 0
    for name, value in packed.items():
        companion = packed.get(f'{name}.scale')
        if size and size + value.nbytes + (companion.nbytes if companion is not None else 0) > SHARD - (64 << 10) and not name.endswith('.scale'):
            groups.append({})
            size = 0
        groups[-1][name] = value
        size += value.nbytes
    for old in out.glob('weights-*.safetensors'):
        old.unlink()
    shards = []
    for i, group in enumerate(groups):
        data = write_safetensors(out / f'weights-{i}.safetensors', group)
        shards.append({'file': f'weights-{i}.safetensors', 'sizeBytes': len(data), 'sha256': hashlib.sha256(data).hexdigest()})
    return shards


def bytes_of(images):                                       # float (N, 3, S, S) -> uint8 (N, S, S, 3)
    return (images.clamp(0, 1) * 255).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()


def tiles(pixels, cols):                                    # uint8 (N, s, s, 3) -> picture, `cols` a row
    side = pixels.shape[1]
    page = np.zeros((-(-len(pixels) // cols) * side, cols * side, 3), np.uint8)
    for i, tile in enumerate(pixels):
        page[i // cols * side:][:side, i % cols * side:][:, :side] = tile
    return Image.fromarray(page)


def atlas(tokenizer, images):
    """The mean decoded patch of each entry where it occurs in `images`; an entry that never occurs is decoded alone."""
    c = tokenizer.config
    f = c.size // c.grid
    totals, counts = torch.zeros(c.codebook, 3, f, f), torch.zeros(c.codebook)
    for part in images.split(100):
        ids = tokenizer.encode(run.pictures(part))                                            # (B, G, G)
        patches = tokenizer.decode(ids).unfold(2, f, f).unfold(3, f, f).permute(0, 2, 3, 1, 4, 5)  # (B, G, G, 3, f, f)
        totals.index_add_(0, ids.flatten(), patches.reshape(-1, 3, f, f))
        counts += torch.bincount(ids.flatten(), minlength=c.codebook)
    alone = tokenizer.decode(torch.arange(c.codebook)[:, None, None].expand(-1, c.grid, c.grid))
    middle = c.size // 2 // f * f
    mean = totals / counts.clamp(min=1)[:, None, None, None]
    return bytes_of(torch.where(counts[:, None, None, None] > 0, mean, alone[:, :, middle:middle + f, middle:middle + f]))


def thumbnails(preset):
    """A scene a class with nothing but its main object; of a folder, the first picture of each class. -> uint8 (C, s, s, 3)"""
    side = min(THUMBNAIL, preset.world.size)
    small = lambda pixels: np.asarray(Image.fromarray(pixels).resize((side, side), Image.LANCZOS))
    if isinstance(preset.world, FolderOptions):
        images, labels, _ = run.scenes(preset)
        first = [(labels == i).nonzero()[:1, 0] for i in range(preset.transformer.classes)]
        return np.stack([small(images[at[0]].numpy()) if len(at) else np.full((side, side, 3), 128, np.uint8) for at in first])
    worlds = Worlds(dataclasses.replace(preset.world, others=(1.,), alone=(.8, .88), odd_theme=0.), seed=2)
    return np.stack([small(worlds.scene(i, name)[0]) for i, name in enumerate(preset.world.classes)])


def data_url(pixels):
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, 'PNG')
    return 'data:image/png;base64,' + base64.b64encode(out.getvalue()).decode()


def record(preset, tokenizer, transformer, name, seed):
    """A decode by the preset's sampler, step by step, for the page to play before the model is there."""
    label, trace, s = preset.world.classes.index(name), [], preset.sampler
    tokens = generate(transformer, torch.tensor([label]), steps=s.steps, schedule=s.schedule, temperature=s.temperature,
                      choice_temperature=s.choiceTemperature, guidance_scale=s.guidanceScale, guidance_ramp=s.guidanceRamp, order=s.order, corrections=s.corrections,
                      generator=torch.Generator().manual_seed(seed), trace=trace)
    pixels = bytes_of(tokenizer.decode(tokens.view(1, preset.transformer.rows, -1)))[0]
    steps = [{'tokens': s['tokens'][0].tolist(), 'guess': s['guess'][0].tolist(), 'logProb': [round(v, 4) for v in s['log_prob'][0].tolist()]}
             for s in trace]
    return {'class': label, 'seed': seed, 'steps': steps, 'png': data_url(pixels)}


def record_some(preset, tokenizer, transformer, out):
    """-> names of the files written; none for the raster order, which the page does not play."""
    for old in out.glob('recording-*.json'):
        old.unlink()
    if preset.transformer.order == 'raster':
        return []
    known = [(name, seed) for name, seed in preset.recorded if name in preset.world.classes] or [(name, 1) for name in preset.world.classes[:4]]
    for k, (name, seed) in enumerate(known):
        (out / f'recording-{k}.json').write_text(json.dumps(record(preset, tokenizer, transformer, name, seed), separators=(',', ':')))
    return [f'recording-{k}.json' for k in range(len(known))]


def golden(preset, tokenizer, transformer, images):
    """Inputs and f32 outputs on the dequantised weights."""
    truth = tokenizer.encode(run.pictures(images[:1]))                                        # (1, G, G)
    tokens = truth.flatten(1).masked_fill(torch.rand(1, truth.numel(), generator=torch.Generator().manual_seed(0)) < .6, MASK)
    label = torch.tensor([0])
    logits = transformer(torch.where(tokens == MASK, preset.transformer.mask, tokens), label)
    return {'tokens': tokens[0].to(torch.int32), 'class': label.to(torch.int32), 'logits': logits[0], 'finalTokens': truth[0].to(torch.int32),
            'pixels': tokenizer.decode(truth)[0].permute(1, 2, 0), 'picture': run.pictures(images[:1])[0].permute(1, 2, 0).contiguous(),
            'latent': tokenizer.encoder(run.pictures(images[:1]))[0].permute(1, 2, 0)}


def lost_by_packing(preset, dtype, before, after, images):
    """-> agreement of the transformers' argmax on random grids, PSNR in dB between the decoders' pictures."""
    g = torch.Generator().manual_seed(0)
    ids = before[0].encode(run.pictures(images[:200]))
    tokens = ids.flatten(1).masked_fill(torch.rand(len(ids), ids[0].numel(), generator=g) < .6, preset.transformer.mask)
    label = torch.randint(preset.transformer.classes, (len(ids),), generator=g)
    same = (before[1](tokens, label).argmax(-1) == after[1](tokens, label).argmax(-1)).float().mean().item()
    error = (before[0].decode(ids).clamp(0, 1) - after[0].decode(ids).clamp(0, 1)).square().mean().item()
    return {f'{dtype} argmax agreement': round(same, 4), f'{dtype} decoder PSNR': round(float(-10 * np.log10(max(error, 1e-12))), 1)}


def manifest_config(preset):
    t, c = preset.tokenizer, preset.transformer
    return {'image': {'size': t.size, 'pixelArt': t.size <= 32}, 'grid': {'rows': c.rows, 'cols': c.cols},
            'tokenizer': {'filters': t.filters, 'multipliers': list(t.multipliers), 'resBlocks': t.res_blocks, 'groups': t.groups,
                          'groupEps': t.group_eps, 'embedding': t.embedding, 'codebook': t.codebook},
            'transformer': {'width': c.width, 'layers': c.layers, 'heads': c.heads, 'mlp': c.mlp, 'codebook': c.codebook, 'classes': c.classes,
                            'nullClass': c.null_class, 'layerEps': c.layer_eps, 'gelu': 'tanh',
                            **({'order': 'raster'} if c.order == 'raster' else {})}}


def how_trained(preset, args):
    own = f' --data FOLDER --size {preset.world.size}' if args.data else ''
    raster = ' --objective raster' if preset.transformer.order == 'raster' else ''
    card = '' if args.data else '  # history: docs/models.md'
    commit = subprocess.run(['git', 'rev-parse', 'HEAD'], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    command = ' && '.join(f'python {script}.py --preset {args.preset}{own}{more}' for script, more in (('train_tokenizer', ''), ('train_maskgit', raster)))
    return {'command': f'cd train && {command}{card}', 'commit': commit or 'unknown'}


def more(parser):
    parser.add_argument('--out', type=Path, default=ROOT, help='repository to write into: public/models/<name> and golden/<name>.safetensors')
    parser.add_argument('--weights', default='int8', choices=('int8', 'f16', 'f32'), help='form of the weights in the files')
    parser.add_argument('--licence', default='', help='with --data: licence of the pictures, e.g. "CC BY 4.0"')
    parser.add_argument('--attribution', default='', help='with --data: whom to thank for them')


def main():
    preset, args = run.arguments(__doc__, more)
    out = args.out / 'public' / 'models' / preset.name
    out.mkdir(parents=True, exist_ok=True)
    tokenizer, transformer, steps = load(preset)
    packed = wire_tensors(tokenizer, transformer, args.weights)
    plain = unpack(packed)
    sent = (from_official(Tokenizer(preset.tokenizer), plain).eval().requires_grad_(False),
            from_official(MaskGit(preset.transformer), plain).eval().requires_grad_(False))
    images = run.scenes(preset, 'held-out')[0]
    measured = run.folder(preset) / 'quality.json'
    quality = json.loads(measured.read_text()) if measured.exists() else {'stage': 'early: not evaluated'}
    quality |= lost_by_packing(preset, args.weights, (tokenizer, transformer), sent, images) | {'tokenizer steps': steps[0], 'transformer steps': steps[1]}
    f, cols = preset.tokenizer.size // preset.tokenizer.grid, 32
    tiles(atlas(sent[0], images), cols).save(out / 'atlas.webp', lossless=True, method=6)
    thumbs = thumbnails(preset)
    tiles(thumbs, 8).save(out / 'classes.webp', lossless=True, method=6)
    recordings, sampler = record_some(preset, *sent, out), dataclasses.asdict(preset.sampler)
    manifest = {
        'format': 'unmask-model', 'version': 1, 'id': preset.name, 'name': preset.title, 'summary': preset.summary, **({'early': preset.early} if preset.early else {}),
        'licence': {'name': args.licence or 'not stated', 'attribution': args.attribution} if args.data else {'name': 'MIT', 'attribution': ATTRIBUTION},
        'trained': how_trained(preset, args),
        'config': manifest_config(preset),
        'classes': [{'name': n, 'aliases': list(ALIASES.get(n, ()))} for n in preset.world.classes],
        'shards': write_shards(packed, out), 'sampler': sampler,
        **({'editSampler': sampler | preset.edit_sampler} if preset.edit_sampler else {}),
        **({'closeUp': dict(zip(('below', 'side'), preset.close_up))} if preset.close_up else {}), 'quality': quality,
        'assets': {'atlas': 'atlas.webp', 'atlasTile': f, 'atlasCols': cols, 'classThumbnails': 'classes.webp',
                   'thumbnailSize': thumbs.shape[1], 'thumbnailCols': 8, 'recordings': recordings}}
    (out / 'model.json').write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + '\n')
    path = args.out / 'golden' / f'{preset.name}.safetensors'
    path.parent.mkdir(parents=True, exist_ok=True)
    write_safetensors(path, {k: v.numpy() for k, v in golden(preset, *sent, images).items()},
                      {'command': ' '.join(['python', 'export.py', *sys.argv[1:]])})
    print(f'{out}: {sum(s["sizeBytes"] for s in manifest["shards"])} bytes of weights, {quality}')


if __name__ == '__main__':
    main()

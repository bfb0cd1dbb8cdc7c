"""Weights in and out: official Flax names and layouts, int8 per output channel, safetensors with aligned data.

A tensor `name` of dtype I8 has a companion `name.scale` F32 [last axis]: value = int8 * scale[output channel].
"""
import json
import math
import struct
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn

ALIGN = 256  # the data section starts on it; safetensors allows no holes between tensors, so each one is 4-byte aligned at least
PLACES = 'Embed_0.position_embeddings.weight'
KINDS = {'float32': 'F32', 'float16': 'F16', 'int8': 'I8', 'int32': 'I32', 'uint8': 'U8'}


def to_official(module):
    """PyTorch module -> {official name without `params/`: float32 array in Flax layout}."""
    tensors = {}
    for path, m in module.named_modules():
        name = path.replace('.', '/')
        if isinstance(m, nn.Conv2d):
            tensors[f'{name}/kernel'] = m.weight.permute(2, 3, 1, 0)                          # OIHW -> HWIO
        elif isinstance(m, nn.Linear):
            tensors[f'{name}/kernel'] = m.weight.T                                            # [out, in] -> [in, out]
        elif isinstance(m, nn.Embedding):
            tensors[f'{name}/embedding'] = m.weight
        elif isinstance(m, (nn.GroupNorm, nn.LayerNorm)):
            tensors[f'{name}/scale'] = m.weight
        if isinstance(getattr(m, 'bias', None), torch.Tensor):
            tensors[f'{name}/bias'] = m.bias
        if hasattr(m, 'codebook'):
            tensors[f'{name}/codebook'] = m.codebook
    return {k: v.detach().float().cpu().numpy() for k, v in tensors.items()}


def from_official(module, tensors):
    """The way back: fills `module`; every tensor of the module must be there, in the right shape."""
    want = to_official(module)
    for name, now in want.items():
        assert name in tensors, f'{name} is missing'
        given = np.asarray(tensors[name], np.float32)
        assert given.size == now.size, f'{name}: {given.shape}, expected {now.shape}'
        path, leaf = name.rsplit('/', 1)
        m, value = module.get_submodule(path.replace('/', '.')), torch.from_numpy(given.reshape(now.shape).copy())
        if leaf == 'kernel':
            value = value.permute(3, 2, 0, 1) if value.ndim == 4 else value.T
        target = {'kernel': 'weight', 'scale': 'weight', 'embedding': 'weight', 'codebook': 'codebook', 'bias': 'bias'}[leaf]
        getattr(m, target).data.copy_(value)
    return module


def peaked(kernel):
    """Whether one weight of a typical output channel stands far above the others: its 127 levels are then spent on that weight.

    So it is where a convolution still does little but hand its input on, as after carry.finer: that one layer in int8 cost 0.8 dB of the picture.
    The largest weight over the root mean square is 3 to 5 in trained layers, 16 in that one."""
    channels = np.abs(kernel).reshape(-1, kernel.shape[-1])
    return np.median(channels.max(0) / np.sqrt(np.maximum((channels ** 2).mean(0), 1e-24))) > 8


def pack(tensors, plain, dtype='int8'):
    """Choose each tensor's form on the wire. int8: for matrices, F16 for those in `plain`, the embeddings and what int8 would spoil, F32 for the rest;
    f16: for all matrices and embeddings; f32: for everything, exactly."""
    packed = {}
    for name, value in tensors.items():
        if value.ndim < 2 or dtype == 'f32':
            packed[name] = value.astype(np.float32)
        elif dtype == 'f16' or name in plain or not name.endswith('kernel') or peaked(value):
            packed[name] = value.astype(np.float16)
        else:
            scale = np.maximum(np.abs(value).reshape(-1, value.shape[-1]).max(0), 1e-12).astype(np.float32) / np.float32(127)
            packed[name] = np.clip(np.rint(value / scale), -127, 127).astype(np.int8)
            packed[f'{name}.scale'] = scale
    return packed


def unpack(packed):
    """-> float32 tensors, exactly what a reader of the files computes."""
    return {name: value.astype(np.float32) * packed[f'{name}.scale'] if value.dtype == np.int8 else value.astype(np.float32)
            for name, value in packed.items() if not name.endswith('.scale')}


def write_safetensors(path, tensors, metadata=None):
    """Tensors in the order given, without holes; the header is padded with spaces so that the data starts on ALIGN."""
    header, at = {'__metadata__': metadata} if metadata else {}, 0
    for name, value in tensors.items():
        assert at % 4 == 0, f'{name} would start at {at}, which is not a multiple of 4'
        header[name] = {'dtype': KINDS[value.dtype.name], 'shape': list(value.shape), 'data_offsets': [at, at + value.nbytes]}
        at += value.nbytes
    text = json.dumps(header, separators=(',', ':')).encode()
    text += b' ' * (math.ceil((8 + len(text)) / ALIGN) * ALIGN - 8 - len(text))
    data = struct.pack('<Q', len(text)) + text + b''.join(np.ascontiguousarray(v).tobytes() for v in tensors.values())
    path.write_bytes(data)
    return data


def read_safetensors(path):
    """-> {name: array}; for files this project writes (no checks of hostile input here)."""
    data = path.read_bytes()
    size, = struct.unpack_from('<Q', data)
    types = {short: np.dtype(name) for name, short in KINDS.items()}
    header = json.loads(data[8:8 + size])
    return {name: np.frombuffer(data, types[t['dtype']], math.prod(t['shape']), 8 + size + t['data_offsets'][0]).reshape(t['shape'])
            for name, t in header.items() if name != '__metadata__'}


def stretch(places, shape):
    """Position embeddings (1 + G * G, D), the class first, of a square grid of G -> `shape` (1 + H * H, D): each place takes the nearest old one's."""
    old, new = (math.isqrt(n - 1) for n in (len(places), shape[0]))
    assert old ** 2 + 1 == len(places) and new ** 2 + 1 == shape[0], f'{len(places)} places do not stretch to {shape[0]}: neither grid may be oblong'
    near = torch.arange(new) * old // new
    return torch.cat([places[:1], places[1:].view(old, old, -1)[near][:, near].flatten(0, 1)])


def start_from(module, source):
    """Fill a tokenizer or transformer with the averages of a checkpoint (*.pt), or with the weights of an exported model's folder.

    A checkpoint's codebook of another size is left out: k-means starts a new one. Its places are stretched to a larger or smaller grid."""
    if Path(source).is_dir():
        packed = {}
        for file in sorted(Path(source).glob('weights-*.safetensors')):
            packed |= read_safetensors(file)
        return from_official(module, unpack(packed))
    state, now = torch.load(source, map_location='cpu', weights_only=True)['average'], module.state_dict()
    other = {name: now[name] for name in state if name.startswith('quantizer.') and state[name].shape != now[name].shape}
    if PLACES in state and state[PLACES].shape != now[PLACES].shape:
        other[PLACES] = stretch(state[PLACES], now[PLACES].shape)
    module.load_state_dict(state | other)
    return module

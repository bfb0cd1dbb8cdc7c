"""Features of the networks that npm `nsfwjs` carries (MIT): a perceptual distance (MobileNetV2), and what FD compares (InceptionV3).

Their last layers judge something else; the first and middle blocks still are ImageNet's edges, textures and parts.
The package holds Keras graphs in JavaScript modules; node (which npm needs anyway) prints them as JSON.
"""
import base64
import json
import os
import subprocess

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from data.fetch_assets import CACHE, fetch

PERCEPTUAL = 'mobilenet_v2', ('expanded_conv_project_BN', 'block_2_add', 'block_4_add')
DISTANCE = 'inception_v3', ('mixed2', 'mixed7')  # 288 and 768 channels


def read_module(path):
    script = 'const m = require(process.argv[1]); process.stdout.write(JSON.stringify(m.default ?? m))'
    return json.loads(subprocess.run(['node', '-e', script, str(path)], check=True, capture_output=True, text=True).stdout)


def load(network, wanted):
    """-> Keras layers up to the last one wanted, and their weights {name: tensor}; read once, then kept in data-cache/."""
    kept = CACHE / f'features-{network}.pt'
    if not kept.exists():
        layers, weights = read(network)
        layers = layers[1:1 + max(i for i, layer in enumerate(layers) if layer['config']['name'] in wanted)]
        names = {layer['config']['name'] for layer in layers}
        kept.parent.mkdir(parents=True, exist_ok=True)
        torch.save({'layers': layers, 'weights': {k: v for k, v in weights.items() if k.rsplit('/', 1)[0] in names}}, f'{kept}.{os.getpid()}')
        os.replace(f'{kept}.{os.getpid()}', kept)  # two processes may read it at once
    kept = torch.load(kept, weights_only=True)
    return kept['layers'], kept['weights']


def read(network):
    """-> all Keras layers (list of dicts, in order), all weights {name: tensor}."""
    folder = fetch('nsfwjs') / 'dist' / 'models' / network
    model = read_module(folder / 'model.min.js')
    raw = b''.join(base64.b64decode(read_module(p)) for p in sorted(folder.glob('group1-shard*.js')))
    weights, at = {}, 0
    for group in model['weightsManifest']:
        for w in group['weights']:
            count, q = int(np.prod(w['shape'])), w.get('quantization')
            kind = np.dtype(q['dtype'] if q else 'float32')
            values = np.frombuffer(raw, kind, count, at).astype(np.float32)
            at += count * kind.itemsize
            weights[w['name']] = torch.from_numpy((values * q['scale'] + q['min'] if q else values).reshape(w['shape']))
    assert at == len(raw), f'{at} of {len(raw)} weight bytes read'
    top = model['modelTopology']['model_config']['config']
    layers = top['layers'] if isinstance(top, dict) else top
    if layers[0]['class_name'] in ('Model', 'Functional'):  # the backbone is nested in a classifier
        layers = layers[0]['config']['layers']
    return layers, weights


class FeatureNet(nn.Module):
    """NCHW pictures in [0, 1], enlarged `zoom` times -> the features of some layers of one of the networks."""

    def __init__(self, network, wanted, zoom):
        super().__init__()
        layers, weights = load(network, wanted)
        self.wanted, self.zoom = wanted, zoom  # small pictures are enlarged, or the strides eat them
        self.layers = layers
        for layer in self.layers:
            for key in ('kernel', 'depthwise_kernel', 'bias', 'gamma', 'beta', 'moving_mean', 'moving_variance'):
                name = f"{layer['config']['name']}/{key}"
                if name in weights:
                    value = weights[name]
                    self.register_buffer(name.replace('/', '|'), {'kernel': lambda v: v.permute(3, 2, 0, 1),
                                         'depthwise_kernel': lambda v: v.permute(2, 3, 0, 1)}.get(key, lambda v: v)(value).contiguous())

    def weight(self, layer, key):
        return getattr(self, f"{layer['config']['name']}|{key}", None)

    def apply_layer(self, layer, inputs):
        c, kind, x = layer['config'], layer['class_name'], inputs[0]
        if kind in ('Conv2D', 'DepthwiseConv2D'):
            kernel = self.weight(layer, 'kernel' if kind == 'Conv2D' else 'depthwise_kernel')
            if c['padding'] == 'same':  # TensorFlow pads the far side first
                extra = [max((-(-n // s) - 1) * s + k - n, 0) for n, s, k in zip(x.shape[2:], c['strides'], c['kernel_size'])]
                x = F.pad(x, (extra[1] // 2, extra[1] - extra[1] // 2, extra[0] // 2, extra[0] - extra[0] // 2))
            return F.conv2d(x, kernel, self.weight(layer, 'bias'), c['strides'], groups=1 if kind == 'Conv2D' else x.shape[1])
        if kind.startswith('BatchNormalization'):
            mean, variance, gamma, beta = (self.weight(layer, k) for k in ('moving_mean', 'moving_variance', 'gamma', 'beta'))
            scale = (1 if gamma is None else gamma) * (variance.clamp(min=0) + c['epsilon']).rsqrt()
            return x * scale[:, None, None] + (beta - mean * scale)[:, None, None]
        if kind == 'ReLU':
            return x.clamp(0, c['max_value'] or float('inf'))
        if kind == 'ZeroPadding2D':
            (top, bottom), (left, right) = c['padding']
            return F.pad(x, (left, right, top, bottom))
        if kind == 'Add':
            return inputs[0] + inputs[1]
        if kind == 'Concatenate':
            return torch.cat(inputs, 1)
        if kind == 'Activation' and c['activation'] == 'relu':
            return x.relu()
        if kind == 'MaxPooling2D' and c['padding'] == 'valid':
            return F.max_pool2d(x, c['pool_size'], c['strides'])
        if kind == 'AveragePooling2D' and c['padding'] == 'same' and c['strides'] == [1, 1] and c['pool_size'] == [3, 3]:
            return F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)
        raise ValueError(f'layer kind {kind} of {c["name"]} is not known')

    def forward(self, x):
        """x (B, 3, H, W) -> list of features (B, C, h, w)."""
        x = F.interpolate(x, scale_factor=self.zoom, mode='bilinear', align_corners=False) if self.zoom != 1 else x
        values, last = {}, x
        for layer in self.layers:
            nodes = layer.get('inbound_nodes') or []
            inputs = [values.get(node[0], x) for node in nodes[0]] if nodes else [last]
            last = values[layer['config']['name']] = self.apply_layer(layer, inputs)
        return [values[w] for w in self.wanted]


class Perceptual(FeatureNet):
    """distance(x, y) for NCHW pictures in [0, 1]: mean squared difference of channel-normalised features."""

    def __init__(self, zoom=2):
        super().__init__(*PERCEPTUAL, zoom)

    def distance(self, x, y):
        with torch.no_grad():
            target = [f.float() for f in self(y)]
        total = 0
        for a, b in zip(self(x), target):
            spread = b.std((0, 2, 3), keepdim=True) + 1e-3
            total = total + ((a.float() - b) / spread).square().mean()
        return total / len(target)

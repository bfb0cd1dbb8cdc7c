"""golden/raster/tiny.safetensors: a causal transformer with random weights, its logits position by position, and what it draws.

`cd train && python ../golden/raster/make.py`
"""
import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / 'train'))
from maskgit import MaskGit, TransformerConfig  # noqa: E402
from sampling import generate_raster  # noqa: E402
from weights import to_official, write_safetensors  # noqa: E402

CONFIG = TransformerConfig(rows=4, cols=4, codebook=24, classes=3, width=32, layers=2, heads=4, mlp=64, order='raster')

torch.manual_seed(0)
model = MaskGit(CONFIG).eval().requires_grad_(False)
for p in model.parameters():
    p.data += .2 * torch.randn_like(p)
tokens = torch.randint(CONFIG.codebook, (1, CONFIG.positions))
classes = torch.tensor([1, CONFIG.null])
greedy = generate_raster(model, classes[:1], temperature=0., guidance_scale=1.5)
tensors = {'tokens': tokens[0].to(torch.int32), 'classes': torch.tensor([1, -1], dtype=torch.int32),
           'logits': model(tokens.expand(2, -1), classes), 'greedyGuidedTokens': greedy[0].to(torch.int32)}
write_safetensors(Path(__file__).parent / 'tiny.safetensors', to_official(model) | {k: v.numpy() for k, v in tensors.items()},
                  {'command': 'cd train && python ../golden/raster/make.py'})
print(f'logits from {tensors["logits"].min():.2f} to {tensors["logits"].max():.2f}; greedy {greedy[0].tolist()}')

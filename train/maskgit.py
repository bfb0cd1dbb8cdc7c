"""The MaskGIT transformer: a post-norm BERT over [class, token grid], as maskgit/nets/maskgit_transformer.py, plus a null class.

Vocabulary rows in order: codes 0..K-1, classes K..K+C-1, the null class K+C (guidance), the mask last.
Modules carry the official Flax names. LayerNorm eps 1e-12, tanh GELU, no dropout (the data never ends).
With order='raster' the same network is causal and guesses the next token: the paper's baseline (VQ-GAN, Esser et al. 2021).
"""
import math
from dataclasses import dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F


@dataclass(frozen=True)
class TransformerConfig:
    rows: int = 8
    cols: int = 8
    codebook: int = 512
    classes: int = 64
    width: int = 192
    layers: int = 6
    heads: int = 6
    mlp: int = 768
    layer_eps: float = 1e-12
    null_class: bool = True           # False only to read the official checkpoints
    order: str = 'parallel'           # 'raster': causal, logits of a token come from the class and the tokens before it

    @property
    def positions(self):              # of the grid, without the class
        return self.rows * self.cols

    @property
    def null(self):                   # class number of "no class"
        return self.classes

    @property
    def vocabulary(self):
        return self.codebook + self.classes + self.null_class + 1

    @property
    def mask(self):
        return self.vocabulary - 1


def gelu(x):
    """The official tanh form; in bf16 training on a CPU the exact form, half the time and nearer to it (5e-4) than bf16 can tell."""
    return F.gelu(x, approximate='none' if x.dtype == torch.bfloat16 and not x.is_cuda else 'tanh')


class SelfAttention(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.heads, self.causal = c.heads, c.order == 'raster'
        self.query, self.key, self.value, self.out = (nn.Linear(c.width, c.width) for _ in range(4))

    def forward(self, h, past=None):                                                          # (B, T, D)
        """past: [keys, values] (B, heads, S, D/heads) of the S places before; grows by these T. Raster order only."""
        split = lambda x: x.unflatten(-1, (self.heads, -1)).transpose(1, 2)                   # (B, heads, T, D/heads)
        q, k, v = split(self.query(h)), split(self.key(h)), split(self.value(h))
        if past is not None:
            k, v = (torch.cat([old, new], 2) for old, new in zip(past, (k, v))) if past else (k, v)
            past[:] = k, v
        if h.is_cuda and past is None:
            o = F.scaled_dot_product_attention(q, k, v, is_causal=self.causal)
        else:  # on a CPU the fused kernel's backward takes five times as long as these two products (torch 2.13, T = 65)
            scores = q * q.shape[-1] ** -.5 @ k.transpose(-1, -2)                             # (B, heads, T, S + T)
            if self.causal:
                t, s = scores.shape[-2:]
                scores = scores.masked_fill(torch.ones(t, s, dtype=torch.bool, device=h.device).triu(s - t + 1), -math.inf)
            o = scores.softmax(-1) @ v
        return self.out(o.transpose(1, 2).flatten(2))


class Attention(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.self_attention = SelfAttention(c)
        self.attention_output_ln = nn.LayerNorm(c.width, c.layer_eps)

    def forward(self, h, past=None):
        return self.attention_output_ln((self.self_attention(h, past) + h).float())


class Mlp(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.intermediate_output = nn.Linear(c.width, c.mlp)
        self.layer_output = nn.Linear(c.mlp, c.width)
        self.layer_output_ln = nn.LayerNorm(c.width, c.layer_eps)

    def forward(self, h):
        return self.layer_output_ln((self.layer_output(gelu(self.intermediate_output(h))) + h).float())


class TransformerLayer(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.Attention_0, self.Mlp_0 = Attention(c), Mlp(c)

    def forward(self, h, past=None):
        return self.Mlp_0(self.Attention_0(h, past))


class Embed(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.word_embeddings = nn.Embedding(c.vocabulary, c.width)
        self.position_embeddings = nn.Embedding(c.positions + 1, c.width)
        self.embeddings_ln = nn.LayerNorm(c.width, c.layer_eps)

    def forward(self, ids, start=0):                                                          # (B, T) of the places from `start`
        places = self.position_embeddings.weight[start:start + ids.shape[1]]
        return self.embeddings_ln(self.word_embeddings(ids) + places)


class MlmBias(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(c.vocabulary))


class MlmLayer(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.mlm_dense = nn.Linear(c.width, c.width)
        self.mlm_ln = nn.LayerNorm(c.width, c.layer_eps)
        self.mlm_bias = MlmBias(c)

    def forward(self, h, rows):
        """h (…, D), rows (R, D): the first R rows of the vocabulary -> logits (…, R)."""
        m = self.mlm_ln(gelu(self.mlm_dense(h)).float())
        return F.linear(m, rows) + self.mlm_bias.bias[:len(rows)]


class MaskGit(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = c = config
        self.Embed_0 = Embed(c)
        for i in range(c.layers):
            self.add_module(f'TransformerLayer_{i}', TransformerLayer(c))
        self.MlmLayer_0 = MlmLayer(c)
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.trunc_normal_(module.weight, std=.02, a=-.04, b=.04)
            if isinstance(module, nn.Linear):
                nn.init.zeros_(module.bias)

    def hidden(self, ids, past=None):                                                         # (B, T) -> (B, T, D)
        """past: one list a layer, empty at first, that remembers keys and values (SelfAttention); ids are the places after them."""
        h = self.Embed_0(ids, past[0][0].shape[2] if past and past[0] else 0)
        for i in range(self.config.layers):
            h = getattr(self, f'TransformerLayer_{i}')(h, past and past[i])
        return h

    def logits(self, h):
        """Hidden states (…, D) -> logits over the codes alone (…, K): the official code slices before everything else."""
        return self.MlmLayer_0(h, self.Embed_0.word_embeddings.weight[:self.config.codebook])

    def forward(self, tokens, label, where=None):
        """tokens (B, P) codes or `mask`; label (B,) class numbers (`null` = none) -> logits (B, P, K).

        Of the positions `where` (B, P) bool alone -> (sum, K). In raster order position p is guessed at the place before it."""
        ids = torch.cat([self.config.codebook + label[:, None], tokens], 1)                   # class first
        h = self.hidden(ids)
        h = h[:, :-1] if self.config.order == 'raster' else h[:, 1:]
        return self.logits(h if where is None else h[where])

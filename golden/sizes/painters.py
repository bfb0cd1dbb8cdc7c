"""The transformers that people publish, as functions of a state dict, written from their formulas (docs/checkpoints.md).

Each has a function of shapes, so that a network of any size can be made, and one of logits. `make.py` compares them with
the goldens of the peers' own classes before it writes anything.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

Weights = dict[str, Tensor]
Shapes = dict[str, tuple[int, ...]]


def linear(p: Weights, name: str, x: Tensor) -> Tensor:
    return F.linear(x, p[f"{name}.weight"], p.get(f"{name}.bias"))


def norm(p: Weights, name: str, x: Tensor, eps: float) -> Tensor:
    return F.layer_norm(x, x.shape[-1:], p[f"{name}.weight"], p[f"{name}.bias"], eps)


def rms(x: Tensor) -> Tensor:
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5)


def attention(q: Tensor, k: Tensor, v: Tensor, heads: int) -> Tensor:
    def split(x: Tensor) -> Tensor:
        return x.unflatten(-1, (heads, -1)).transpose(-3, -2)

    q, k, v = split(q), split(k), split(v)
    weights = (q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])).softmax(-1)
    return (weights @ v).transpose(-3, -2).flatten(-2)


def count(p: Weights, prefix: str) -> int:
    return len({name[len(prefix) :].split(".")[0] for name in p if name.startswith(prefix)})


def linear_shapes(name: str, out: int, inner: int) -> Shapes:
    return {f"{name}.weight": (out, inner), f"{name}.bias": (out,)}


def norm_shapes(name: str, width: int) -> Shapes:
    return {f"{name}.weight": (width,), f"{name}.bias": (width,)}


def official_shapes(width: int, layers: int, mlp: int, codes: int, classes: int, positions: int) -> Shapes:
    """The official network in the names of maskgit-torch."""
    vocabulary = codes + classes + 1
    shapes: Shapes = {"tok_emb.weight": (vocabulary, width), "pos_emb": (positions + 1, width), "bias": (vocabulary,)}
    shapes |= norm_shapes("emb_ln", width)
    for i in range(layers):
        block = f"blocks.{i}"
        mha = f"{block}.MultiHeadAttention"
        shapes |= {f"{mha}.in_proj_weight": (3 * width, width), f"{mha}.in_proj_bias": (3 * width,)}
        shapes |= linear_shapes(f"{mha}.out_proj", width, width) | norm_shapes(f"{block}.AttentionLN", width)
        shapes |= linear_shapes(f"{block}.MLP.0", mlp, width) | linear_shapes(f"{block}.MLP.2", width, mlp)
        shapes |= norm_shapes(f"{block}.MlpLN", width)
    return shapes | linear_shapes("Token_Prediction.0", width, width) | norm_shapes("Token_Prediction.2", width)


def official(p: Weights, sequence: Tensor, heads: int) -> Tensor:
    """Logits [rows, 1 + positions, vocabulary] of a class token and the grid; GELU by tanh, as the weights were trained."""
    x = norm(p, "emb_ln", p["tok_emb.weight"][sequence] + p["pos_emb"], 1e-12)
    for i in range(count(p, "blocks.")):
        block = f"blocks.{i}"
        mha = f"{block}.MultiHeadAttention"
        q, k, v = F.linear(x, p[f"{mha}.in_proj_weight"], p[f"{mha}.in_proj_bias"]).chunk(3, -1)
        x = norm(p, f"{block}.AttentionLN", x + linear(p, f"{mha}.out_proj", attention(q, k, v, heads)), 1e-12)
        hidden = F.gelu(linear(p, f"{block}.MLP.0", x), approximate="tanh")
        x = norm(p, f"{block}.MlpLN", x + linear(p, f"{block}.MLP.2", hidden), 1e-12)
    x = norm(p, "Token_Prediction.2", F.gelu(linear(p, "Token_Prediction.0", x), approximate="tanh"), 1e-12)
    return F.linear(x, p["tok_emb.weight"], p["bias"])


def halton_shapes(
    width: int, layers: int, heads: int, mlp: int, codes: int, classes: int, positions: int, registers: int
) -> Shapes:
    inner = heads * (width // heads)
    shapes: Shapes = {
        "cls_emb.weight": (classes + 1, width),
        "tok_emb.weight": (codes + 1, width),
        "pos_emb.weight": (positions, width),
        "reg_tokens.weight": (registers, width),
        "head.bias": (codes + 1,),
    }
    for i in range(layers):
        layer = f"transformer.layers.{i}"
        shapes |= linear_shapes(f"{layer}.mlp.1", 6 * width, width)
        shapes |= {f"{layer}.ln1.weight": (width,), f"{layer}.ln2.weight": (width,)}
        shapes |= {f"{layer}.attn.{part}.weight": (inner, width) for part in ("wq", "wk", "wv")}
        shapes |= {f"{layer}.attn.wo.weight": (width, inner), f"{layer}.ff.w2.weight": (width, mlp)}
        shapes |= {f"{layer}.ff.{part}.weight": (mlp, width) for part in ("w1", "w3")}
    return shapes | norm_shapes("last_norm.norm_final", width) | linear_shapes("last_norm.mlp.1", 2 * width, width)


def halton(p: Weights, tokens: Tensor, classes: Tensor, heads: int) -> Tensor:
    """Logits [rows, positions, codes + 1]; the null class is the last row of the class table."""
    c = F.silu(p["cls_emb.weight"][classes])
    x = p["tok_emb.weight"][tokens] + p["pos_emb.weight"]
    x = torch.cat([x, p["reg_tokens.weight"].expand(len(x), -1, -1)], 1)
    for i in range(count(p, "transformer.layers.")):
        layer = f"transformer.layers.{i}"
        shift1, scale1, gate1, shift2, scale2, gate2 = linear(p, f"{layer}.mlp.1", c)[:, None].chunk(6, -1)
        h = rms(x) * p[f"{layer}.ln1.weight"] * (1 + scale1) + shift1
        q, k, v = (linear(p, f"{layer}.attn.{part}", h) for part in ("wq", "wk", "wv"))
        x = x + gate1 * linear(p, f"{layer}.attn.wo", attention(rms(q), rms(k), v, heads))
        h = rms(x) * p[f"{layer}.ln2.weight"] * (1 + scale2) + shift2
        h = F.silu(linear(p, f"{layer}.ff.w1", h)) * linear(p, f"{layer}.ff.w3", h)
        x = x + gate2 * linear(p, f"{layer}.ff.w2", h)
    shift, scale = linear(p, "last_norm.mlp.1", c)[:, None].chunk(2, -1)
    x = rms(x[:, : tokens.shape[1]]) * p["last_norm.norm_final.weight"] + p["last_norm.norm_final.bias"]
    return F.linear(x * (1 + scale) + shift, p["tok_emb.weight"], p["head.bias"])


def valeo_shapes(width: int, layers: int, mlp: int, codes: int, classes: int, positions: int) -> Shapes:
    vocabulary = codes + classes + 2
    shapes: Shapes = {
        "pos_emb": (1, positions + 1, width),
        "bias": (positions + 1, vocabulary),
        "tok_emb.weight": (vocabulary, width),
    }
    for name in ("first_layer.0", "first_layer.4", "last_layer.0", "last_layer.4"):
        shapes |= norm_shapes(name, width)
    for name in ("first_layer.2", "first_layer.6", "last_layer.2"):
        shapes |= linear_shapes(name, width, width)
    for i in range(layers):
        layer = f"transformer.layers.{i}"
        mha = f"{layer}.0.fn.mha"
        shapes |= norm_shapes(f"{layer}.0.norm", width) | norm_shapes(f"{layer}.1.norm", width)
        shapes |= {f"{mha}.in_proj_weight": (3 * width, width), f"{mha}.in_proj_bias": (3 * width,)}
        shapes |= linear_shapes(f"{mha}.out_proj", width, width)
        shapes |= linear_shapes(f"{layer}.1.fn.net.0", mlp, width) | linear_shapes(f"{layer}.1.fn.net.3", width, mlp)
    return shapes


def valeo(p: Weights, sequence: Tensor, heads: int) -> Tensor:
    """Logits [rows, positions + 1, vocabulary] of the grid and a class token behind it."""
    x = norm(p, "first_layer.0", p["tok_emb.weight"][sequence] + p["pos_emb"], 1e-12)
    x = norm(p, "first_layer.4", F.gelu(linear(p, "first_layer.2", x)), 1e-12)
    x = linear(p, "first_layer.6", x)
    for i in range(count(p, "transformer.layers.")):
        layer = f"transformer.layers.{i}"
        mha = f"{layer}.0.fn.mha"
        h = norm(p, f"{layer}.0.norm", x, 1e-5)
        q, k, v = F.linear(h, p[f"{mha}.in_proj_weight"], p[f"{mha}.in_proj_bias"]).chunk(3, -1)
        x = x + linear(p, f"{mha}.out_proj", attention(q, k, v, heads))
        h = norm(p, f"{layer}.1.norm", x, 1e-5)
        x = x + linear(p, f"{layer}.1.fn.net.3", F.gelu(linear(p, f"{layer}.1.fn.net.0", h)))
    x = norm(p, "last_layer.0", x, 1e-12)
    x = norm(p, "last_layer.4", F.gelu(linear(p, "last_layer.2", x)), 1e-12)
    return F.linear(x, p["tok_emb.weight"]) + p["bias"]


def muse_shapes(width: int, half: int, mlp: int, codes: int, classes: int, positions: int) -> Shapes:
    vocabulary = codes + classes + 2
    shapes: Shapes = {
        "token_emb.word_embeddings.weight": (vocabulary, width),
        "token_emb.position_embeddings.weight": (positions + 1, width),
        "mlm_layer.bias": (1, 1, vocabulary),
    }
    for block in muse_blocks(half):
        shapes |= norm_shapes(f"{block}.norm1", width) | norm_shapes(f"{block}.norm2", width)
        shapes |= {f"{block}.attn.qkv.weight": (3 * width, width)} | linear_shapes(f"{block}.attn.proj", width, width)
        shapes |= linear_shapes(f"{block}.mlp.fc1", mlp, width) | linear_shapes(f"{block}.mlp.fc2", width, mlp)
        if block.startswith("out"):
            shapes |= linear_shapes(f"{block}.skip_linear", width, 2 * width)
    shapes |= norm_shapes("token_emb.LayerNorm", width) | norm_shapes("norm", width)
    return shapes | linear_shapes("mlm_layer.fc", width, width) | norm_shapes("mlm_layer.ln", width)


def muse_blocks(half: int) -> list[str]:
    sides = [[f"{side}_blocks.{i}" for i in range(half)] for side in ("in", "out")]
    return [*sides[0], "mid_block", *sides[1]]


def muse(p: Weights, sequence: Tensor, heads: int) -> Tensor:
    """Logits [rows, 1 + positions, vocabulary] of a class token and the grid."""
    x = p["token_emb.word_embeddings.weight"][sequence] + p["token_emb.position_embeddings.weight"]
    x = norm(p, "token_emb.LayerNorm", x, 1e-6)
    skips: list[Tensor] = []
    for block in muse_blocks(count(p, "in_blocks.")):
        if block.startswith("out"):
            x = linear(p, f"{block}.skip_linear", torch.cat([x, skips.pop()], -1))
        q, k, v = linear(p, f"{block}.attn.qkv", norm(p, f"{block}.norm1", x, 1e-5)).chunk(3, -1)
        x = x + linear(p, f"{block}.attn.proj", attention(q, k, v, heads))
        hidden = F.gelu(linear(p, f"{block}.mlp.fc1", norm(p, f"{block}.norm2", x, 1e-5)))
        x = x + linear(p, f"{block}.mlp.fc2", hidden)
        if block.startswith("in"):
            skips.append(x)
    x = F.gelu(linear(p, "mlm_layer.fc", norm(p, "norm", x, 1e-5)))
    x = norm(p, "mlm_layer.ln", x, 1e-5)
    return F.linear(x, p["token_emb.word_embeddings.weight"], p["mlm_layer.bias"].flatten())

"""The tokenizers that people publish, as functions of a state dict, written from their formulas (docs/checkpoints.md)."""

import torch.nn.functional as F
from torch import Tensor
from painters import Shapes, Weights, count, norm_shapes

BOOK = "quantize.embedding.weight"


def conv(p: Weights, name: str, x: Tensor, stride: int = 1, padding: int | None = None) -> Tensor:
    kernel = p[f"{name}.weight"]
    around = kernel.shape[-1] // 2 if padding is None else padding
    return F.conv2d(x, kernel, p.get(f"{name}.bias"), stride, around)


def group_norm(p: Weights, name: str, x: Tensor, groups: int) -> Tensor:
    return F.group_norm(x, groups, p[f"{name}.weight"], p[f"{name}.bias"], 1e-6)


def residual(p: Weights, name: str, x: Tensor, groups: int, is_google: bool) -> Tensor:
    h = conv(p, f"{name}.conv1", F.silu(group_norm(p, f"{name}.norm1", x, groups)))
    h = conv(p, f"{name}.conv2", F.silu(group_norm(p, f"{name}.norm2", h, groups)))
    if f"{name}.nin_shortcut.weight" in p:
        # Google's shortcut is of what was computed, not of what came in.
        x = conv(p, f"{name}.nin_shortcut", h if is_google else x)
    return x + h


def attend(p: Weights, name: str, x: Tensor, groups: int) -> Tensor:
    if f"{name}.norm.weight" not in p:
        return x
    h = group_norm(p, f"{name}.norm", x, groups)
    q, k, v = (conv(p, f"{name}.{part}", h).flatten(2) for part in "qkv")
    weights = (q.transpose(1, 2) @ k * q.shape[1] ** -0.5).softmax(-1)
    return x + conv(p, f"{name}.proj_out", (v @ weights.transpose(1, 2)).view_as(x))


class Kind:
    """How a family names its parts."""

    def __init__(self, family: str) -> None:
        self.family = family
        self.is_google = family == "titok"
        self.block = "res" if family == "llamagen" else "block"
        self.upsample = "upsample_conv" if self.is_google else "upsample.conv"

    def name(self, side: str, level: int, levels: int) -> str:
        """Of a level, 0 the finest; LlamaGen counts its decoder from the coarsest."""
        if self.family == "llamagen":
            return f"{side}.conv_blocks.{level if side == 'encoder' else levels - 1 - level}"
        return f"{side}.{'down' if side == 'encoder' else 'up'}.{level}"

    def levels(self, p: Weights) -> int:
        return count(p, "encoder.conv_blocks." if self.family == "llamagen" else "encoder.down.")

    def middle(self, blocks: int) -> list[str]:
        if self.is_google:
            return [str(i) for i in range(blocks)]
        return ["0", "1", "2"] if self.family == "llamagen" else ["block_1", "attn_1", "block_2"]

    def run_level(self, p: Weights, name: str, x: Tensor, groups: int) -> Tensor:
        for i in range(count(p, f"{name}.{self.block}.")):
            x = residual(p, f"{name}.{self.block}.{i}", x, groups, self.is_google)
            x = attend(p, f"{name}.attn.{i}", x, groups)
        return x

    def run_middle(self, p: Weights, side: str, x: Tensor, groups: int) -> Tensor:
        for i, part in enumerate(self.middle(count(p, f"{side}.mid."))):
            name = f"{side}.mid.{part}"
            is_attention = not self.is_google and i == 1
            x = attend(p, name, x, groups) if is_attention else residual(p, name, x, groups, self.is_google)
        return x


def encode(p: Weights, pixels: Tensor, groups: int, family: str) -> Tensor:
    """Pixels [rows, 3, size, size] → latent [rows, embedding, side, side]."""
    kind = Kind(family)
    levels = kind.levels(p)
    x = conv(p, "encoder.conv_in", pixels)
    for level in range(levels):
        name = kind.name("encoder", level, levels)
        x = kind.run_level(p, name, x, groups)
        if level < levels - 1 and kind.is_google:
            x = F.avg_pool2d(x, 2)
        elif level < levels - 1:
            x = conv(p, f"{name}.downsample.conv", F.pad(x, (0, 1, 0, 1)), stride=2, padding=0)
    x = kind.run_middle(p, "encoder", x, groups)
    x = conv(p, "encoder.conv_out", F.silu(group_norm(p, "encoder.norm_out", x, groups)))
    return x if kind.is_google else conv(p, "quant_conv", x)


def nearest(p: Weights, latent: Tensor, family: str) -> Tensor:
    """The code [rows, side, side] nearest to each latent; LlamaGen compares directions."""
    z, book = latent.permute(0, 2, 3, 1), p[BOOK]
    if family == "llamagen":
        z, book = F.normalize(z, dim=-1), F.normalize(book, dim=-1)
    return (z[..., None, :] - book).pow(2).sum(-1).argmin(-1)


def decode(p: Weights, codes: Tensor, groups: int, family: str) -> Tensor:
    """Codes [rows, side, side] → pixels [rows, 3, size, size]."""
    kind = Kind(family)
    levels = kind.levels(p)
    book = F.normalize(p[BOOK], dim=-1) if family == "llamagen" else p[BOOK]
    x = book[codes].permute(0, 3, 1, 2)
    x = conv(p, "decoder.conv_in", x if kind.is_google else conv(p, "post_quant_conv", x))
    x = kind.run_middle(p, "decoder", x, groups)
    for level in reversed(range(levels)):
        name = kind.name("decoder", level, levels)
        x = kind.run_level(p, name, x, groups)
        if level > 0:
            x = conv(p, f"{name}.{kind.upsample}", F.interpolate(x, scale_factor=2, mode="nearest"))
    return conv(p, "decoder.conv_out", F.silu(group_norm(p, "decoder.norm_out", x, groups)))


def conv_shapes(name: str, out: int, inner: int, side: int = 3, has_bias: bool = True) -> Shapes:
    bias: Shapes = {f"{name}.bias": (out,)} if has_bias else {}
    return {f"{name}.weight": (out, inner, side, side)} | bias


def residual_shapes(name: str, inner: int, out: int, is_google: bool) -> Shapes:
    shapes = norm_shapes(f"{name}.norm1", inner) | norm_shapes(f"{name}.norm2", out)
    shapes |= conv_shapes(f"{name}.conv1", out, inner, has_bias=not is_google)
    shapes |= conv_shapes(f"{name}.conv2", out, out, has_bias=not is_google)
    if inner != out:
        shapes |= conv_shapes(f"{name}.nin_shortcut", out, out if is_google else inner, 1, not is_google)
    return shapes


def attention_shapes(name: str, width: int) -> Shapes:
    shapes = norm_shapes(f"{name}.norm", width)
    for part in ("q", "k", "v", "proj_out"):
        shapes |= conv_shapes(f"{name}.{part}", width, width, 1)
    return shapes


def tokenizer_shapes(
    family: str, filters: int, multipliers: list[int], blocks: int, latent: int, embedding: int, codes: int
) -> Shapes:
    kind = Kind(family)
    levels, google = len(multipliers), kind.is_google
    widths = [filters * multiplier for multiplier in multipliers]
    lowest = widths[-1]

    def level_shapes(side: str, level: int, inner: int, each: int) -> Shapes:
        name, shapes = kind.name(side, level, levels), {}
        for i in range(each):
            shapes |= residual_shapes(f"{name}.{kind.block}.{i}", inner if i == 0 else widths[level], widths[level], google)
            if level == levels - 1 and not google:
                shapes |= attention_shapes(f"{name}.attn.{i}", lowest)
        return shapes

    shapes = conv_shapes("encoder.conv_in", filters, 3, has_bias=not google) | {BOOK: (codes, embedding)}
    for level, width in enumerate(widths):
        shapes |= level_shapes("encoder", level, widths[level - 1] if level > 0 else filters, blocks)
        if level < levels - 1 and not google:
            shapes |= conv_shapes(f"{kind.name('encoder', level, levels)}.downsample.conv", width, width)
        shapes |= level_shapes("decoder", level, widths[min(level + 1, levels - 1)], blocks if google else blocks + 1)
        if level > 0:
            shapes |= conv_shapes(f"{kind.name('decoder', level, levels)}.{kind.upsample}", width, width)
    for side in ("encoder", "decoder"):
        for i, part in enumerate(kind.middle(blocks)):
            name = f"{side}.mid.{part}"
            is_attention = not google and i == 1
            shapes |= attention_shapes(name, lowest) if is_attention else residual_shapes(name, lowest, lowest, google)
    shapes |= norm_shapes("encoder.norm_out", lowest) | norm_shapes("decoder.norm_out", widths[0])
    shapes |= conv_shapes("encoder.conv_out", latent, lowest, 1 if google else 3)
    shapes |= conv_shapes("decoder.conv_in", lowest, latent) | conv_shapes("decoder.conv_out", 3, widths[0])
    if not google:
        shapes |= conv_shapes("quant_conv", embedding, latent, 1) | conv_shapes("post_quant_conv", latent, embedding, 1)
    return shapes

"""Networks of sizes that nobody published, with what they compute, so that an import is held to more than the peers' toys.

    python golden/sizes/make.py

needs PyTorch and NumPy. Formulas are our own (painters.py, tokenizers.py); before anything is written they are compared with
the goldens that the peers' own classes made (golden/peers). Random weights, seeded.
"""

import json
import math
import struct
from pathlib import Path

import numpy as np
import painters
import tokenizers
import torch

HERE = Path(__file__).parent
PEERS = HERE.parent / "peers"
DTYPES = {"F32": np.float32, "I32": np.int32, "I64": np.int64, "U8": np.uint8}


def read(path: Path) -> dict[str, torch.Tensor]:
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    tensors = {}
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    for name, entry in header.items():
        start, end = (8 + length + offset for offset in entry["data_offsets"])
        values = np.frombuffer(data[start:end], DTYPES[entry["dtype"]]).reshape(entry["shape"])
        tensors[name] = torch.from_numpy(values.copy())
    return tensors


def write(path: Path, tensors: dict[str, torch.Tensor]) -> None:
    header, body = {}, b""
    for name, tensor in tensors.items():
        values = tensor.numpy()
        dtype = next(key for key, value in DTYPES.items() if values.dtype == value)
        header[name] = {"dtype": dtype, "shape": values.shape, "data_offsets": [len(body), len(body) + values.nbytes]}
        body += values.tobytes()
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + body)


def weights(shapes: painters.Shapes, seed: int) -> painters.Weights:
    """Such that activations neither vanish nor explode."""
    generator = torch.Generator().manual_seed(seed)
    made = {}
    for name, shape in sorted(shapes.items()):
        values = torch.randn(shape, generator=generator)
        is_table = "emb" in name or name in ("bias", tokenizers.BOOK)
        if len(shape) == 1:
            values = 1 + 0.3 * values if name.endswith("weight") else 0.2 * values
        elif not is_table:
            values = values / math.sqrt(math.prod(shape[1:]))
        made[name] = values
    return made


def peer(path: str, key: str | None = None) -> painters.Weights:
    file = torch.load(PEERS / path, weights_only=True)
    return file[key] if key else file


def check(name: str, found: torch.Tensor, wanted: torch.Tensor) -> None:
    difference = (found - wanted).abs().max().item()
    print(f"{name}: {difference:.1e} from the peer's own code")
    assert difference < 2e-5, name


def check_formulas() -> None:
    def golden(folder: str) -> dict[str, torch.Tensor]:
        return read(PEERS / folder / "golden.safetensors")

    p, g = peer("hmorimitsu/maskgit_imagenet256.ckpt", "state_dict"), golden("hmorimitsu")
    check("official", painters.official(p, g["sequence"], 4), g["logits.tanh"])
    p, g = peer("halton/ImageNet_256_tiny.pth", "model_state_dict"), golden("halton")
    check("halton", painters.halton(p, g["tokens"], g["class"], 3), g["logits"])
    p, g = peer("valeo-v1/MaskGIT_ImageNet_256.pth", "model_state_dict"), golden("valeo-v1")
    check("valeo", painters.valeo(p, g["sequence"], 4), g["logits"])
    p, g = peer("muse-uvit/nnet_ema.pth"), golden("muse-uvit")
    check("muse", painters.muse(p, g["sequence"], 4), g["logits"])
    for family, path, key in (
        ("titok", "titok-vq/maskgit-vqgan-imagenet-f16-256.bin", None),
        ("llamagen", "llamagen-vq/vq_ds16_c2i.pt", "model"),
    ):
        p, g = peer(path, key), golden(path.split("/")[0])
        check(f"{family} latent", tokenizers.encode(p, g["image"], 4, family), g["latent"])
        check(f"{family} pixels", tokenizers.decode(p, g["grid"].long(), 4, family), g["decoded"])


def masked_grid(positions: int, codes: int, mask: int) -> torch.Tensor:
    """[1, positions]: half of it `mask`."""
    tokens = torch.randint(0, codes, (1, positions))
    return torch.where(torch.rand(1, positions) < 0.5, mask, tokens)


def painter(name: str, shapes: painters.Shapes, wrap: str, heads: int, codes: int, classes: int, positions: int) -> None:
    p = weights(shapes, codes)
    out = {"tokens": [], "class": [], "logits": []}
    has_null = name != "official"
    for label in [0, classes - 1] + ([-1] if has_null else []):
        at = classes if label < 0 else label
        if name == "halton":
            tokens = masked_grid(positions, codes, codes)
            logits = painters.halton(p, tokens, torch.tensor([at]), heads)
        elif name == "official":
            tokens = masked_grid(positions, codes, codes + classes)
            logits = painters.official(p, torch.cat([torch.tensor([[codes + at]]), tokens], 1), heads)[:, 1:]
        elif name == "valeo":
            tokens = masked_grid(positions, codes, codes)
            logits = painters.valeo(p, torch.cat([tokens, torch.tensor([[codes + 1 + at]])], 1), heads)[:, :-1]
        else:
            tokens = masked_grid(positions, codes, codes)
            logits = painters.muse(p, torch.cat([torch.tensor([[codes + 1 + at]]), tokens], 1), heads)[:, 1:]
        out["tokens"].append(torch.where(tokens < codes, tokens, -1).to(torch.int32)[0])
        out["class"].append(torch.tensor(label, dtype=torch.int32))
        out["logits"].append(logits[0, :, :codes].contiguous())
    torch.save({wrap: p} if wrap else p, HERE / f"{name}.pth")
    write(HERE / f"{name}.golden.safetensors", {key: torch.stack(values) for key, values in out.items()})


def tokenizer(family: str, wrap: str, groups: int, side: int, codes: int, **sizes: object) -> None:
    p = weights(tokenizers.tokenizer_shapes(family, codes=codes, **sizes), codes)
    size = side * 2 ** (len(sizes["multipliers"]) - 1)
    grid = torch.randint(0, codes, (1, side, side))
    image = torch.randint(0, 256, (1, size, size, 3), dtype=torch.uint8)
    unit = image.permute(0, 3, 1, 2) / 255
    is_signed = family != "titok"
    latent = tokenizers.encode(p, unit * 2 - 1 if is_signed else unit, groups, family)
    pixels = tokenizers.decode(p, grid, groups, family)
    golden = {
        "grid": grid[0].to(torch.int32),
        "pixels": ((pixels + 1) / 2 if is_signed else pixels)[0].permute(1, 2, 0).contiguous(),
        "image": image[0],
        "codes": tokenizers.nearest(p, latent, family)[0].to(torch.int32),
    }
    torch.save({wrap: p} if wrap else p, HERE / f"{family}.pth")
    write(HERE / f"{family}.golden.safetensors", golden)


@torch.no_grad()
def main() -> None:
    check_formulas()
    torch.manual_seed(5)
    painter("official", painters.official_shapes(20, 1, 33, 33, 3, 9), "state_dict", 5, 33, 3, 9)
    # 26 columns do not divide into 3 heads: query, key and value have 24.
    painter("halton", painters.halton_shapes(26, 2, 3, 50, 40, 7, 25, 4), "model_state_dict", 3, 40, 7, 25)
    painter("valeo", painters.valeo_shapes(33, 1, 40, 50, 6, 4), "model_state_dict", 3, 50, 6, 4)
    painter("muse", painters.muse_shapes(20, 1, 30, 17, 5, 36), "", 2, 17, 5, 36)
    tokenizer("titok", "", 2, 5, 20, filters=4, multipliers=[1, 3, 2], blocks=1, latent=7, embedding=7)
    tokenizer("taming", "state_dict", 2, 3, 33, filters=6, multipliers=[1, 2], blocks=1, latent=5, embedding=3)
    tokenizer("llamagen", "model", 4, 2, 48, filters=4, multipliers=[1, 2, 2], blocks=1, latent=6, embedding=5)


if __name__ == "__main__":
    main()

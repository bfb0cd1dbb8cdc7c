"""Writes the files of this folder with PyTorch itself: python make.py (made with torch 2.13.0)."""
import json
from collections import OrderedDict

import torch

torch.manual_seed(7)
base = torch.arange(24, dtype=torch.float32).reshape(4, 6) - 11.5
dtypes = OrderedDict(
    f64=base.double() / 3,
    f32=base / 3,
    f16=(base / 3).half(),
    bf16=(base / 3).bfloat16(),
    i64=base.long() * 2**20,
    i32=base.int() * 2**20,
    i16=base.short() * 100,
    i8=base.to(torch.int8),
    u8=(base + 12).to(torch.uint8),
    bool=base > 0,
)
views = OrderedDict(
    whole=base,
    transposed=base.t(),
    column=base[:, 2],
    every_other=base[::2, 1::2],
    inner=base[1:3, 2:5],
    permuted=base.reshape(2, 2, 6).permute(2, 0, 1),
    scalar=base[3, 5],
    empty=base[:0],
    expanded=base[:1].expand(3, 6),
    channels_last=torch.arange(48.0).reshape(1, 3, 4, 4).to(memory_format=torch.channels_last),
)
tree = {
    'state_dict': dtypes,
    'views': [views],
    'parameter': torch.nn.Parameter(base),
    'epoch': 12,
    'name': 'toy',
    'size': torch.Size([2, 3]),
    'device': torch.device('cpu'),
    'dtype': torch.float16,
}
torch.save(tree, 'zip.pt')
torch.save(tree, 'zip_protocol4.pt', pickle_protocol=4)
torch.save(tree, 'legacy.pt', _use_new_zipfile_serialization=False)
torch.save(tree, 'legacy_protocol4.pt', _use_new_zipfile_serialization=False, pickle_protocol=4)
flat = {f'state_dict.{name}': value for name, value in dtypes.items()}
flat |= {f'views.0.{name}': value for name, value in views.items()} | {'parameter': base}
expected = {
    name: {'shape': list(value.shape), 'values': [float(x) for x in value.contiguous().double().flatten()]}
    for name, value in flat.items()
}
with open('expected.json', 'w') as file:
    json.dump(expected, file)

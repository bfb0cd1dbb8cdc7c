"""A device named `elsewhere` that computes on the CPU and refuses what a GPU refuses, so that the way to a GPU can be walked where there is none.

As on CUDA, a number (0 dimensions) and indices may come from the CPU; any other tensor has to be brought over by `.to`, random numbers want a
generator of their own device, and NumPy sees nothing of what lies there.
"""
import contextlib
from unittest import mock

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode, return_and_correct_aliasing
from torch.utils._pytree import tree_leaves, tree_map_only
from torch.utils.backend_registration import _setup_privateuseone_for_python_backend

NAME = 'elsewhere'
INDEXING = torch.ops.aten.index.Tensor, torch.ops.aten.index_put.default, torch.ops.aten.index_put_.default  # (tensor, indices, …)
TO, COPY = torch.ops.aten._to_copy.default, torch.ops.aten.copy_.default


class Device:
    """What PyTorch asks of a device's module."""
    is_initialized = is_available = staticmethod(lambda: True)
    current_device = staticmethod(lambda: 0)
    device_count = staticmethod(lambda: 1)
    _is_in_bad_fork = staticmethod(lambda: False)
    manual_seed_all = staticmethod(lambda seed: None)
    get_amp_supported_dtype = staticmethod(lambda: [torch.bfloat16])


class Elsewhere(torch.Tensor):
    """A tensor of that device; `inner` holds its numbers."""

    @staticmethod
    def __new__(cls, inner):
        self = torch.Tensor._make_wrapper_subclass(cls, inner.shape, strides=inner.stride(), storage_offset=inner.storage_offset(),
                                                   dtype=inner.dtype, device=torch.device(NAME, 0))
        self.inner = inner
        return self

    @classmethod
    def __torch_dispatch__(cls, op, types, args=(), kwargs=None):
        return compute(op, args, kwargs or {})

    def tolist(self):
        return self.inner.tolist()

    def __reduce_ex__(self, protocol):
        """Saved as the numbers."""
        return self.inner.__reduce_ex__(protocol)


class Generator(torch.Generator):
    """torch.Generator(device), which knows PyTorch's own devices alone."""

    def __new__(cls, device='cpu'):
        self = super().__new__(cls)
        self.place = torch.device(device)
        return self

    device = property(lambda self: self.place)


class Dispatch(TorchDispatchMode):
    """So that tensors are made there, too."""

    def __torch_dispatch__(self, op, types, args=(), kwargs=None):
        return compute(op, args, kwargs or {})


class Calls(TorchFunctionMode):
    """What PyTorch decides before it dispatches."""

    def __torch_function__(self, function, types, args=(), kwargs=None):
        more = kwargs or {}
        generator, device = more.get('generator'), more.get('device')
        if generator is not None and there(generator.device) != there(device):
            raise RuntimeError(f'{function}: a generator on {generator.device}, numbers on {device}')
        if function is torch.tensor and there(device):                                        # made of a list
            return function(*args, **more | {'device': 'cpu'}).to(device)
        return function(*args, **more)


def there(device):
    return device is not None and torch.device(device).type == NAME


def compute(op, args, kwargs):
    """op(*args, **kwargs) on the numbers; refuses tensors of both places."""
    away = [v for v in tree_leaves((args, kwargs)) if isinstance(v, Elsewhere)]
    if op not in (TO, COPY):
        judged = tree_leaves((args[:1], args[2:]) if op in INDEXING and isinstance(args[0], Elsewhere) else (args, kwargs))
        here = [v for v in judged if isinstance(v, torch.Tensor) and not isinstance(v, Elsewhere) and v.ndim]
        if away and here:
            raise RuntimeError(f'{op}: tensors elsewhere and on the CPU, the latter {[tuple(v.shape) for v in here]}')
    device = kwargs.get('device')
    numbers = tree_map_only(Elsewhere, lambda v: v.inner, (args, kwargs | {'device': 'cpu'} if there(device) else kwargs))
    out = op(*numbers[0], **numbers[1])
    if op is COPY and not isinstance(args[0], Elsewhere):
        return args[0]
    if not (away if device is None else there(device)):
        return out
    out = tree_map_only(torch.Tensor, Elsewhere, out)
    return out if op is TO or not away else return_and_correct_aliasing(op, args, kwargs, out)


@contextlib.contextmanager
def elsewhere():
    """Within it, `--device elsewhere` is a device."""
    if torch._C._get_privateuse1_backend_name() != NAME:
        _setup_privateuseone_for_python_backend(NAME, Device())
    load = torch.load

    def load_there(file, map_location=None, **more):
        if not there(map_location):
            return load(file, map_location=map_location, **more)
        return tree_map_only(torch.Tensor, lambda v: v.to(map_location), load(file, map_location='cpu', **more))

    with mock.patch.object(torch, 'Generator', Generator), mock.patch.object(torch, 'load', load_there), Calls(), Dispatch(), \
            mock.patch.object(torch.__future__, 'get_overwrite_module_params_on_conversion', lambda: True):
        yield

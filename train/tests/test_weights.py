"""What export writes, a reader gets back."""
import numpy as np
import torch

from maskgit import MaskGit, TransformerConfig
from tokenizer import Tokenizer, TokenizerConfig
from weights import ALIGN, from_official, pack, read_safetensors, to_official, unpack, write_safetensors


def small():
    torch.manual_seed(0)
    return MaskGit(TransformerConfig(rows=2, cols=2, codebook=8, classes=3, width=16, layers=1, heads=2, mlp=32))


def test_official_names_and_layouts():
    names = to_official(small())
    assert names['TransformerLayer_0/Attention_0/self_attention/query/kernel'].shape == (16, 16)
    assert names['TransformerLayer_0/Mlp_0/intermediate_output/kernel'].shape == (16, 32)  # [in, out]
    assert {'Embed_0/word_embeddings/embedding', 'Embed_0/embeddings_ln/scale', 'MlmLayer_0/mlm_bias/bias'} <= set(names)
    convs = to_official(Tokenizer(TokenizerConfig(filters=16, groups=4, codebook=8)))
    assert convs['encoder/Conv_0/kernel'].shape == (3, 3, 3, 16) and 'encoder/Conv_0/bias' not in convs  # HWIO
    assert convs['encoder/ResBlock_1/Conv_2/kernel'].shape == (1, 1, 32, 32)  # the quirk: cout -> cout
    assert 'quantizer/codebook' in convs


def test_a_round_trip_changes_nothing():
    model, other = small(), small()
    for p in other.parameters():
        p.data.zero_()
    from_official(other, to_official(model))
    for (name, a), b in zip(model.state_dict().items(), other.state_dict().values()):
        assert torch.equal(a, b), name


def test_int8_is_off_by_at_most_half_a_step():
    tensors = to_official(small())
    packed = pack(tensors, plain=())
    for name, value in unpack(packed).items():
        if f'{name}.scale' in packed:
            assert (np.abs(value - tensors[name]) <= packed[f'{name}.scale'] * .5001).all(), name


def test_what_int8_would_spoil_stays_f16():
    torch.manual_seed(0)
    trained = torch.randn(3, 3, 32, 32).numpy()
    hands_on = trained * np.float32(.02)
    hands_on[1, 1] += np.eye(32, dtype=np.float32)                                            # a convolution that does little yet
    packed = pack({'a/kernel': trained, 'b/kernel': hands_on}, plain=())
    assert packed['a/kernel'].dtype == np.int8 and packed['b/kernel'].dtype == np.float16


def test_a_file_reads_back_and_its_data_is_aligned(tmp_path):
    packed = pack(to_official(small()), plain=())
    data = write_safetensors(tmp_path / 'w.safetensors', packed)
    assert (8 + int.from_bytes(data[:8], 'little')) % ALIGN == 0
    back = read_safetensors(tmp_path / 'w.safetensors')
    assert list(back) == list(packed)
    assert all((back[name] == packed[name]).all() for name in packed)

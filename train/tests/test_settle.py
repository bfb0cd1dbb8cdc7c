"""Of several near codes a token takes the likelier one, and each the nearest where likelihood has no say."""
import pytest
import torch

import run
import train_maskgit
import train_tokenizer
from maskgit import MaskGit
from presets import PRESETS, override
from run import Team
from settle import likelier
from tests.both_stages import TOY
from tests.runs import call
from tests.test_carry import NETWORK, TOKENS
from tokenizer import Tokenizer
from train_maskgit import grid_box, token_boxes, tokenised
from weights import start_from


@pytest.fixture
def stage1():
    torch.manual_seed(0)
    model = Tokenizer(TOKENS).eval().requires_grad_(False)
    images = torch.randint(0, 256, (12, 16, 16, 3), dtype=torch.uint8)
    model.quantizer.start(model.encoder(images.permute(0, 3, 1, 2).float() / 255).permute(0, 2, 3, 1).flatten(0, 2))
    return model, images, model.encode(images.permute(0, 3, 1, 2).float() / 255).flatten(1).to(torch.int16)


class Favourite(torch.nn.Module):
    """Code `best` is e⁹ times as likely as any other, for the classes that it is asked for in `asked`."""

    def __init__(self, best):
        super().__init__()
        self.config, self.best, self.asked, self.shown = NETWORK, best, [], []

    def forward(self, tokens, label, where):
        self.asked.append(label)
        self.shown.append((tokens != self.config.mask).float().mean(1))
        return 9. * torch.nn.functional.one_hot(torch.full((int(where.sum()),), self.best), self.config.codebook)


def test_strength_weighs_likelihood_against_distance(stage1):
    model, images, tokens = stage1
    labels = torch.tensor([0, 1, 2, -1] * 3)
    of = lambda strength: likelier(Favourite(5), model, images, tokens, labels, strength, Team('cpu'))
    assert torch.equal(of(0.), tokens) and of(0.).dtype == tokens.dtype
    assert (of(1e6) == 5).all()
    some = (of(.05) != tokens)
    assert 0 < some.float().mean() < 1 and (of(.05)[some] == 5).all()


def test_what_was_settled_is_as_near_as_it_gets(stage1):
    model, images, tokens = stage1
    settled = tokens.clone()
    settled[:, :4] = (tokens[:, :4] + 3) % 8
    assert torch.equal(likelier(Favourite(5), model, images, settled, torch.zeros(12, dtype=torch.long), 0., Team('cpu')), settled)


def test_half_of_the_tokens_are_shown(stage1):
    model, images, tokens = stage1
    net = Favourite(5)
    likelier(net, model, images, tokens, torch.tensor([2] * 12), 1., Team('cpu'))
    assert all((shown == .5).all() for shown in net.shown) and len(net.shown) == 2
    assert (net.asked[0] == 2).all()


def test_only_what_is_open_changes_and_the_rest_is_shown(stage1):
    model, images, tokens = stage1
    net, open_to = Favourite(5), torch.zeros_like(tokens, dtype=torch.bool)
    open_to[:, 4:8] = True
    chosen = likelier(net, model, images, tokens, torch.tensor([2] * 12), 1e6, Team('cpu'), open_to)
    assert (chosen[open_to] == 5).all() and torch.equal(chosen[~open_to], tokens[~open_to])
    assert all((shown >= 1 - 4 / tokens.shape[1]).all() for shown in net.shown)


def test_two_processes_choose_what_one_chooses(stage1):
    model, images, tokens = stage1
    net = MaskGit(NETWORK).eval()
    for p in net.parameters():
        p.data += .3 * torch.randn_like(p)
    images, tokens, labels = images[:11], tokens[:11], torch.arange(11) % 3                   # does not divide by two
    whole = likelier(net, model, images, tokens, labels, 1., Team('cpu'), some=64)
    assert not torch.equal(whole, tokens)

    class Half(Team):
        def __init__(self, rank):
            super().__init__('cpu')
            self.rank, self.size = rank, 2

        def gather(self, x):
            return x
    halves = [likelier(net, model, images, tokens, labels, 1., Half(rank), some=64) for rank in (0, 1)]
    assert torch.equal(torch.cat(halves)[:11], whole)


class ByClass(torch.nn.Module):
    """The code is the number of the class that is asked for."""

    def __init__(self, config):
        super().__init__()
        self.config = config

    def forward(self, tokens, label, where):
        return 9. * torch.nn.functional.one_hot(label[:, None].expand(where.shape)[where], self.config.codebook)


def expect_each_thing_asked_for_as_an_edit_asks():
    """Tokens of a box are of the class of the thing that comes into it, but what is settled stays; what lies in no box stays as well."""
    preset = override(PRESETS['smoke'], ['flips=false', 'transformer_run.likelier=1e9'])
    net, team = ByClass(preset.transformer), Team('cpu')
    truth, found, labels, objects = data = tokenised(preset, team)
    stage1 = start_from(Tokenizer(preset.tokenizer).eval(), run.folder(preset) / 'tokenizer.pt')

    class Settled:
        def settle(self, tokens, objects):
            tokens[:, ::5] = 7
            return tokens
    for settler in (None, Settled()):
        chosen, same, *_ = train_maskgit.with_likelier(preset, net, stage1, settler, data, 'train', team, True)
        assert (chosen[0, :256] == labels[:256, None]).all() and torch.equal(same, found)
        wanted = truth[0].clone()
        for which, label, box, settled in train_maskgit.pasted_things(preset, settler, objects):
            for k in range(len(which)):
                bounds = grid_box(preset.transformer, *token_boxes(objects[which[k], objects[which[k], :, 0] == label[k]], torch.tensor([False]), preset.transformer, 32))
                assert (bounds <= box[k]).all(1).any() and settled[k].any() == bool(settler)  # round a thing of that class
                wanted[which[k], box[k] & ~settled[k]] = label[k].to(wanted.dtype)
        assert torch.equal(chosen[0, -64:], wanted[-64:]) and not torch.equal(chosen[0, -64:], truth[0, -64:])
    (run.folder(preset) / 'tokens-train-likelier.pt').unlink()


def test_a_run_guesses_the_likelier_tokens_and_goes_on_with_them(tmp_path):
    call(train_tokenizer, *TOY, '--runs', tmp_path, '--set', 'tokenizer_run.steps=6', 'flips=false')
    call(train_maskgit, *TOY, '--runs', tmp_path, '--set', 'transformer_run.steps=4', 'flips=false')
    folder = tmp_path / 'smoke'
    start = (folder / 'maskgit.pt').rename(tmp_path / 'before.pt')
    again = (*TOY, '--runs', tmp_path, '--start', start, '--set', 'flips=false', 'transformer_run.likelier=2')
    call(train_maskgit, *again, 'transformer_run.steps=2')
    chosen = torch.load(folder / 'tokens-train-likelier.pt', weights_only=True)['tokens']
    assert chosen.shape == (320, 64)                                                          # 256 scenes and 64 pasted ones
    made = (folder / 'tokens-train-likelier.pt').stat().st_mtime_ns
    call(train_maskgit, *again, 'transformer_run.steps=4')
    assert (folder / 'tokens-train-likelier.pt').stat().st_mtime_ns == made
    with pytest.raises(AssertionError, match='--start'):
        call(train_maskgit, *TOY, '--runs', tmp_path, '--set', 'flips=false', 'transformer_run.likelier=2', 'transformer_run.steps=5')
    kept = torch.load(folder / 'tokens-train-likelier.pt', weights_only=True)
    torch.save(kept | {'of': 'another'}, folder / 'tokens-train-likelier.pt')
    with pytest.raises(AssertionError, match='of other scenes'):
        call(train_maskgit, *again, 'transformer_run.steps=5')
    expect_each_thing_asked_for_as_an_edit_asks()
    with pytest.raises(AssertionError, match='began without'):
        call(train_maskgit, *again, 'transformer_run.steps=5')
    (folder / 'maskgit.pt').unlink()
    call(train_maskgit, *again, 'transformer_run.steps=2', 'transformer_run.settled=1')       # and of settled ones
    settled = torch.load(folder / 'tokens-train-likelier.pt', weights_only=True)['tokens']
    assert settled.shape == chosen.shape and not torch.equal(settled, chosen)

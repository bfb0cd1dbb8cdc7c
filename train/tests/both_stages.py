"""For torchrun in test_team.py: `both_stages.py FOLDER_1 FOLDER_2`, stage 1 in the one, stage 2 on the tokenizer that lies in the other."""
import sys

import train_maskgit
import train_tokenizer

TOY = '--preset', 'smoke', '--dtype', 'f32', '--device', 'cpu'
# Plain scenes alone: with the pasted ones a code lies on a tie, on whose other side one process alone falls by the order of its sums.
STAGE_1 = '--set', 'tokenizer_run.steps=6', 'tokenizer_run.plain=.3', 'tokenizer_run.adversarial=.1', 'tokenizer_run.adversarial_after=.5', 'pasted=0'
STAGE_2 = '--set', 'transformer_run.steps=6'

if __name__ == '__main__':
    first, second = sys.argv[1:]
    for module, folder, settings in ((train_tokenizer, first, STAGE_1), (train_maskgit, second, STAGE_2)):
        sys.argv = [module.__name__, *TOY, '--runs', folder, *settings]
        assert module.main() == 0

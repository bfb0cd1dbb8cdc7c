"""For torchrun in test_team.py: `both_stages.py FOLDER_1 FOLDER_2 TOKENIZER`, stage 1 from that tokenizer in the one, stage 2 on the tokenizer that lies in the other."""
import sys

import train_maskgit
import train_tokenizer

TOY = '--preset', 'smoke', '--dtype', 'f32', '--device', 'cpu'
STAGE_1 = '--set', 'tokenizer_run.steps=6', 'tokenizer_run.plain=.3', 'tokenizer_run.adversarial=.1', 'tokenizer_run.adversarial_after=.5'
STAGE_2 = '--set', 'transformer_run.steps=6'

if __name__ == '__main__':
    first, second, start = sys.argv[1:]
    for module, folder, settings in ((train_tokenizer, first, ('--start', start, *STAGE_1)), (train_maskgit, second, STAGE_2)):
        sys.argv = [module.__name__, *TOY, '--runs', folder, *settings]
        assert module.main() == 0

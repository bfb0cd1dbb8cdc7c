#!/bin/sh
# Both stages of a run, one after the other, started or resumed: `sh train.sh --preset worlds-64-lite [more flags]`.
# LAUNCH='torchrun --nproc-per-node 4 --' for several GPUs. A stage that --minutes stopped ends this with exit code 75.
set -e
here=$(dirname "$0")
${LAUNCH:-python3} "$here/train_tokenizer.py" "$@"
${LAUNCH:-python3} "$here/train_maskgit.py" "$@"

#!/usr/bin/env bash
# Train on a large GPU that is lent for minutes and may have no network. Call it again until it says "finished":
#
#   bash train/gpu.sh pack                  first, where there is a network: fills train/gpu-assets (carry that folder along)
#   bash train/gpu.sh worlds-128 9          9 minutes of both stages; exit code 75: call again; results in $OUT (train/runs/out)
#   bash train/gpu.sh worlds-64 9 --start runs/out/worlds-64     goes on from weights of an earlier lease (a path from train/)
#
# All GPUs of the machine are used. The stages' own time budgets (presets.py: 9 and 11 minutes for Worlds 128) decide when
# they are over. What comes back are files under 16 MiB: int8 shards, model.json, and one archive with logs, plots, sheets.
set -euo pipefail
cd "$(dirname "$0")"
preset=${1:?give a preset, or pack}
if [ "$preset" = pack ]; then exec python3 -m data.pack gpu-assets; fi
minutes=${2:-9}
shift $(($# < 2 ? $# : 2))
out=${OUT:-runs/out}/$preset
mkdir -p data-cache "$out"
if [ -d gpu-assets ]; then cp -rn gpu-assets/. data-cache/; fi
gpus=$(nvidia-smi -L 2>/dev/null | wc -l || true)
if [ "$gpus" -gt 1 ]; then launch="torchrun --standalone --nproc-per-node $gpus --"; else launch=python3; fi
left() { awk "BEGIN { m = $minutes - $SECONDS / 60; print (m > .2 ? m : .2) }"; }

code=0
for stage in tokenizer maskgit; do
  # --start is for a stage that has no checkpoint of its own yet; the trainers resume by themselves.
  if [ $code = 0 ]; then $launch "train_$stage.py" --preset "$preset" --minutes "$(left)" "$@" || code=$?; fi
done
if [ $code != 0 ] && [ $code != 75 ]; then exit $code; fi

if [ $code = 0 ]; then
  python3 evaluate.py --preset "$preset" --each 2 --threads "$(nproc)" || echo 'evaluation failed; the weights are fine'
fi
if [ -f "runs/$preset/tokenizer.pt" ]; then
  python3 export.py --preset "$preset" --out "$out/export"
  mv "$out/export/public/models/$preset/"weights-*.safetensors "$out/export/public/models/$preset/model.json" "$out/"
  for file in "runs/$preset"/*.jsonl "runs/$preset"/*.png "runs/$preset"/*.json "runs/$preset/classifier.pt"; do
    if [ -f "$file" ]; then cp "$file" "$out/export/"; fi
  done
  tar czf "$out/rest.tar.gz" -C "$out/export" .
  rm -r "$out/export"
fi
ls -l "$out"
if [ $code = 0 ]; then echo "$preset: finished"; else echo "$preset: call again"; fi
exit $code

// nearest: tokens[p] = argmin_j d_j with d_j = Σ_e (latent[p, e] − codebook[j, e])², the first of equals;
//   margins[p] = the second smallest d − the smallest (3e38 with a single entry)
//
//   latent    [positions, embedding] f32
//   codebook  [entries, embedding]   f32
//   tokens    [positions] i32
//   margins   [positions] f32
//   grid      one workgroup per position; threads stride over the entries
//
// The official |z|² − 2 z·e + |e|² is the same number with more cancellation.

struct Params { positions: u32, entries: u32, embedding: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> latent: array<f32>;
@group(0) @binding(2) var<storage, read> codebook: array<f32>;
@group(0) @binding(3) var<storage, read_write> tokens: array<i32>;
@group(0) @binding(4) var<storage, read_write> margins: array<f32>;

const threads = 64u;
const infinite = 3e38;

/// The best entries seen so far: the smallest distance, whose it is, and the second smallest.
struct Best { distance: f32, entry: u32, second: f32 }

var<workgroup> found: array<Best, threads>;

fn distanceTo(position: u32, entry: u32) -> f32 {
  var sum = 0.0;
  for (var e = 0u; e < params.embedding; e++) {
    let d = latent[position * params.embedding + e] - codebook[entry * params.embedding + e];
    sum += d * d;
  }
  return sum;
}

@compute @workgroup_size(threads)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  var best = Best(infinite, 0u, infinite);
  for (var j = thread; j < params.entries; j += threads) {
    let d = distanceTo(group.x, j);
    if (d < best.distance) {
      best = Best(d, j, best.distance);
    } else {
      best.second = min(best.second, d);
    }
  }
  found[thread] = best;
  workgroupBarrier();
  if (thread != 0u) { return; }
  for (var t = 1u; t < threads; t++) {
    let other = found[t];
    if (other.distance < best.distance || (other.distance == best.distance && other.entry < best.entry)) {
      best = Best(other.distance, other.entry, min(best.distance, other.second));
    } else {
      best.second = min(best.second, other.distance);
    }
  }
  tokens[group.x] = i32(best.entry);
  margins[group.x] = select(infinite, best.second - best.distance, best.second < infinite);
}

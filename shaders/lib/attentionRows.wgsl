// attentionRows: which rows of a sequence the queries are, and where their results go; what both attentions share

override isListed: bool;

/// Four queries' rows within the sequence; queries beyond the last repeat it.
fn rowsOf(sequence: u32, wanted: vec4u) -> vec4u {
  let i = min(wanted, vec4u(params.queries - 1u));
  if (!isListed) { return i; }
  let entry = i * params.pictures + sequence % params.pictures;
  let place = vec4i(places[entry.x], places[entry.y], places[entry.z], places[entry.w]);
  return params.first + vec4u(max(place, vec4i(0)));
}

/// Listed, the sequences' results for one entry lie side by side.
fn resultRow(sequence: u32, query: u32) -> u32 {
  if (isListed) { return query * params.sequences + sequence; }
  return sequence * params.queries + query;
}


// attentionRows: which rows of a sequence the queries are, and where their results go; what both attentions share

override isListed: bool;

/// Four queries' rows within the sequence; queries beyond the last repeat it.
fn rowsOf(wanted: vec4u) -> vec4u {
  let i = min(wanted, vec4u(params.queries - 1u));
  if (!isListed) { return i; }
  return params.first + vec4u(max(vec4i(places[i.x], places[i.y], places[i.z], places[i.w]), vec4i(0)));
}

/// Listed, the sequences' results for one place lie side by side.
fn resultRow(sequence: u32, query: u32) -> u32 {
  if (isListed) { return query * params.sequences + sequence; }
  return sequence * params.queries + query;
}


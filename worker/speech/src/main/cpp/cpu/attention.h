// Decode attention: one new position per slot, shared by the threads of the team.
#pragma once

#include "rows.h"

namespace utter {

// KV cache (2, slots, groups, positions, width), keys first, contiguous.
struct Cache {
  float* numbers;
  int64_t slots;
  int64_t groups;
  int64_t positions;
  int64_t width;
};

// The position to decode, of each of the first slots.
struct DecodePositions {
  // Per slot one complex number per pair of neighbours of a QKV row; queries and keys are rotated by it. The stride is 0 if all
  // slots have the same.
  Rows<const float> rope;
  Cache cache;
  const int64_t* positions;

  // Width of the attention output for QKV rows of this width.
  int64_t attn_output_width(int64_t qkv_width) const { return qkv_width - 2 * cache.groups * cache.width; }
};

// x (slots, groups (shared + 2) width): for each slot and group the queries that share its key, then the key, then the value.
// The queries are scaled already; rows are contiguous. Writes key and value into the cache at the slot's position. y (slots,
// groups shared width) is the attention output over positions 0 to that one. A slot depends on its own numbers only, not on the
// number of threads.
void attend(Rows<const float> x, const DecodePositions& decode, Rows<float> y);

}  // namespace utter

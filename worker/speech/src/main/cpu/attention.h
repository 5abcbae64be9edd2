// Attention of one new position. All threads of an OpenMP team call it with the same arguments, and each does its part.
#pragma once

#include "rows.h"

namespace utter {

// Keys, then values, of all slots: (2, slots, groups, positions, width), without gaps.
struct Cache {
  float* numbers;
  int64_t slots;
  int64_t groups;
  int64_t positions;
  int64_t width;
};

// Where the new position is attended to. turns has a complex number for each two neighbours of a row of queries, keys and
// values, by which queries and keys are turned.
struct Place {
  const float* turns;
  Cache cache;
  int64_t position;

  // How wide what is heard is, of rows of queries, keys and values so wide.
  int64_t heard(int64_t taken) const { return taken - 2 * cache.groups * cache.width; }
};

// Of each slot and group, x has the queries that share its key, then the key, then the value: (slots, groups (shared + 2)
// width), the queries scaled already, rows without gaps. Key and value go into the cache at the position; y (slots, groups
// shared width) is what the queries hear of positions 0 to that one. A slot depends on nothing but its own numbers. All is
// done when any thread returns.
void attend(Rows<const float> x, const Place& place, Rows<float> y);

}  // namespace utter

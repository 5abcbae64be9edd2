#pragma once

#include <cstdint>

namespace utter {

// Rows of a tensor: the numbers of a row are contiguous, rows begin `stride` numbers after one another.
template <typename Number>
struct Rows {
  Number* first;
  int64_t count;
  int64_t stride;
};

}  // namespace utter

#pragma once

#include <cstdint>

namespace utter {

// Rows of a tensor: numbers within a row are neighbours, rows are `apart` numbers apart.
template <typename Number>
struct Rows {
  Number* first;
  int64_t count;
  int64_t apart;
};

}  // namespace utter

#pragma once

#include <cstdint>

namespace utter {

constexpr int64_t divide_up(int64_t count, int64_t by) { return (count + by - 1) / by; }

// The next multiple, or the number itself if it is one.
constexpr int64_t padded(int64_t count, int64_t multiple) { return divide_up(count, multiple) * multiple; }

}  // namespace utter

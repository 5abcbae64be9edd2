// 16-bit numbers as two bytes, for instructions that multiply unsigned by signed bytes: x = 256 (high - 128) + low.
#pragma once

#include <cstdint>

namespace utter {

// Changes each group of four numbers to its four low bytes and its four high bytes, in place. For processors with AVX2.
void split_bytes(int16_t* row, int64_t width);

}  // namespace utter

#include "packed.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace utter {

namespace {

// "UTTERI8\0", then the version of the order.
constexpr uint64_t kMagic = 0x0138495245545455;

int64_t panel_bytes_of(int64_t inputs) {
  return static_cast<int64_t>(sizeof(PanelHead)) + divide_up(inputs, kGroupInputs) * kGroupBytes;
}

}  // namespace

PackedMatrix::PackedMatrix(const int8_t* bytes, int64_t count) : head_(reinterpret_cast<const PackedHead*>(bytes)) {
  if (count < static_cast<int64_t>(sizeof(PackedHead)) || reinterpret_cast<uintptr_t>(bytes) % alignof(PackedHead) != 0 ||
      head_->magic != kMagic || count != packed_bytes(head_->outputs, head_->inputs)) {
    throw std::invalid_argument("utter_cpu: w is not a packed matrix");
  }
}

int64_t packed_bytes(int64_t outputs, int64_t inputs) {
  return static_cast<int64_t>(sizeof(PackedHead)) + divide_up(outputs, kPanelOutputs) * panel_bytes_of(inputs);
}

void pack(const int8_t* numbers, const float* scales, int64_t outputs, int64_t inputs, int8_t* packed) {
  std::memset(packed, 0, packed_bytes(outputs, inputs));
  const PackedHead sizes{kMagic, outputs, inputs};
  std::memcpy(packed, &sizes, sizeof(sizes));
  for (int64_t output = 0; output < outputs; output++) {
    int8_t* panel = packed + sizeof(PackedHead) + output / kPanelOutputs * panel_bytes_of(inputs);
    const int64_t within = output % kPanelOutputs;
    auto* head = reinterpret_cast<PanelHead*>(panel);
    int8_t* target = panel + sizeof(PanelHead) + within * kGroupInputs;
    const int8_t* source = numbers + output * inputs;
    int32_t sum = 0;
    for (int64_t input = 0; input < inputs; input++) {
      target[input / kGroupInputs * kGroupBytes + input % kGroupInputs] = source[input];
      sum += source[input];
    }
    head->scales[within] = scales[output];
    head->sums[within] = sum;
  }
}

}  // namespace utter

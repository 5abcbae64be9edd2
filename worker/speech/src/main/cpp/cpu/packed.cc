#include "packed.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace utter {

namespace {

// "UTTERI8\0" and "UTTERI4\0", then the version of the order.
constexpr uint64_t kInt8Magic = 0x0138495245545455;
constexpr uint64_t kInt4Magic = 0x0134495245545455;

int64_t panel_bytes_of(int64_t inputs) {
  return static_cast<int64_t>(sizeof(PanelHead)) + divide_up(inputs, kGroupInputs) * kGroupBytes;
}

int64_t int4_panel_bytes_of(int64_t inputs) { return kLengthsBytes + divide_up(inputs, kBlockInputs) * kBlockBytes; }

}  // namespace

PackedMatrix::PackedMatrix(const int8_t* bytes, int64_t count) : head_(reinterpret_cast<const PackedHead*>(bytes)) {
  const bool has_head =
      count >= static_cast<int64_t>(sizeof(PackedHead)) && reinterpret_cast<uintptr_t>(bytes) % alignof(PackedHead) == 0;
  is_int4_ = has_head && head_->magic == kInt4Magic;
  if (!has_head || (!is_int4_ && head_->magic != kInt8Magic) ||
      count != (is_int4_ ? packed_int4_bytes : packed_bytes)(head_->outputs, head_->inputs)) {
    throw std::invalid_argument("utter_cpu: w is not a packed matrix");
  }
  panel_bytes_ = (is_int4_ ? int4_panel_bytes_of : panel_bytes_of)(head_->inputs);
}

int64_t PackedMatrix::width() const { return is_int4_ ? blocks() * kBlockInputs : groups() * kGroupInputs; }

int64_t packed_bytes(int64_t outputs, int64_t inputs) {
  return static_cast<int64_t>(sizeof(PackedHead)) + divide_up(outputs, kPanelOutputs) * panel_bytes_of(inputs);
}

void pack(const int8_t* numbers, const float* scales, int64_t outputs, int64_t inputs, int8_t* packed) {
  std::memset(packed, 0, packed_bytes(outputs, inputs));
  const PackedHead sizes{kInt8Magic, outputs, inputs};
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

int64_t packed_int4_bytes(int64_t outputs, int64_t inputs) {
  return static_cast<int64_t>(sizeof(PackedHead)) + divide_up(outputs, kPanelOutputs) * int4_panel_bytes_of(inputs);
}

void clear_int4(int64_t outputs, int64_t inputs, int8_t* packed) {
  std::memset(packed, 0, packed_int4_bytes(outputs, inputs));
  const PackedHead sizes{kInt4Magic, outputs, inputs};
  std::memcpy(packed, &sizes, sizeof(sizes));
}

void put_int4(int64_t output, const int8_t* numbers, const int8_t* steps, float length, int8_t* packed) {
  const int64_t inputs = reinterpret_cast<const PackedHead*>(packed)->inputs;
  int8_t* panel = packed + sizeof(PackedHead) + output / kPanelOutputs * int4_panel_bytes_of(inputs);
  const int64_t within = output % kPanelOutputs;
  std::memcpy(panel + within * sizeof(float), &length, sizeof(float));
  int8_t* blocks = panel + kLengthsBytes;
  const int64_t groups = divide_up(inputs, kInt4GroupInputs);
  for (int64_t group = 0; group < groups; group++) {
    int8_t* block = blocks + group / kBlockGroups * kBlockBytes;
    block[within * kBlockGroups + group % kBlockGroups] = steps[group];
    uint16_t words[kGroupVectors][2] = {};
    for (int64_t i = 0; i < kInt4GroupInputs; i++) {
      const int64_t at = i % kVectorInputs;
      words[i / kVectorInputs][at % 2] |= static_cast<uint16_t>((numbers[group * kInt4GroupInputs + i] & 0xf) << at / 2 * 4);
    }
    int8_t* vectors = block + kStepsBytes + group % kBlockGroups * kGroupVectors * kVectorBytes;
    for (int64_t vector = 0; vector < kGroupVectors; vector++) {
      std::memcpy(vectors + vector * kVectorBytes + within * sizeof(words[0]), words[vector], sizeof(words[0]));
    }
  }
}

}  // namespace utter

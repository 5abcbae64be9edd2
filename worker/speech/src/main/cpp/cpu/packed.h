// Matrices of 8-bit numbers in the order in which the kernels read them.
//
// A matrix (outputs, inputs) is divided into panels of kPanelOutputs outputs. A panel holds the scales of its outputs, the sums
// of their numbers, then its numbers: groups of kGroupInputs inputs, in each group output by output. The last panel and the
// last group are padded with zeros.
#pragma once

#include <cstdint>

namespace utter {

constexpr int64_t kPanelOutputs = 16;
constexpr int64_t kGroupInputs = 4;
constexpr int64_t kGroupBytes = kPanelOutputs * kGroupInputs;

constexpr int64_t divide_up(int64_t count, int64_t by) { return (count + by - 1) / by; }

struct PanelHead {
  float scales[kPanelOutputs];
  int32_t sums[kPanelOutputs];
};

// Sizes of a packed matrix. It stands before the panels in the same memory.
struct alignas(64) PackedHead {
  uint64_t magic;
  int64_t outputs;
  int64_t inputs;
};

// A packed matrix, values -127..127.
class PackedMatrix {
 public:
  // The matrix in this memory, which begins at a multiple of 64.
  // Throws std::invalid_argument if that is not a packed matrix.
  PackedMatrix(const int8_t* bytes, int64_t count);

  int64_t outputs() const { return head_->outputs; }
  int64_t inputs() const { return head_->inputs; }
  int64_t groups() const { return divide_up(inputs(), kGroupInputs); }
  int64_t panels() const { return divide_up(outputs(), kPanelOutputs); }
  int64_t panel_bytes() const { return static_cast<int64_t>(sizeof(PanelHead)) + groups() * kGroupBytes; }

  const PanelHead& head(int64_t panel) const { return *reinterpret_cast<const PanelHead*>(at(panel)); }
  // The numbers of a panel, (groups, outputs, inputs of the group).
  const int8_t* numbers(int64_t panel) const { return at(panel) + sizeof(PanelHead); }

 private:
  const int8_t* at(int64_t panel) const { return reinterpret_cast<const int8_t*>(head_ + 1) + panel * panel_bytes(); }

  const PackedHead* head_;
};

// Bytes of a packed matrix of this size.
int64_t packed_bytes(int64_t outputs, int64_t inputs);

// Packs numbers (outputs, inputs), row-major, contiguous; output i is scaled by scales[i]. `packed` has packed_bytes.
void pack(const int8_t* numbers, const float* scales, int64_t outputs, int64_t inputs, int8_t* packed);

}  // namespace utter

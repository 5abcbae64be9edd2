// Matrices of 8-bit or 4-bit numbers in the order in which the kernels read them.
//
// A matrix (outputs, inputs) is divided into panels of kPanelOutputs outputs. The last panel is padded with zeros.
//
// 8 bit: a panel holds the scales of its outputs, the sums of their numbers, then its numbers: groups of kGroupInputs inputs,
// in each group output by output. The last group is padded with zeros.
//
// 4 bit: a panel holds the lengths of a step of its outputs, then blocks of kBlockInputs inputs. A block begins with the scales
// of its kBlockGroups groups, in steps, output by output. Then come its numbers: kVectorInputs inputs at a time, in each output
// by output two words of 16 bit. Word j has the numbers of inputs j, 2 + j, 4 + j, 6 + j, the first one in its lowest bits. The
// last block is padded with zeros.
#pragma once

#include <cstdint>

#include "constants.h"
#include "divide.h"

namespace utter {

constexpr int64_t kPanelOutputs = 16;
constexpr int64_t kGroupInputs = 4;
constexpr int64_t kGroupBytes = kPanelOutputs * kGroupInputs;

constexpr int64_t kBlockGroups = 4;
constexpr int64_t kBlockInputs = kBlockGroups * kInt4GroupInputs;
constexpr int64_t kVectorInputs = 8;
constexpr int64_t kVectorBytes = kPanelOutputs * kVectorInputs / 2;
constexpr int64_t kGroupVectors = kInt4GroupInputs / kVectorInputs;
constexpr int64_t kLengthsBytes = kPanelOutputs * sizeof(float);
constexpr int64_t kStepsBytes = kPanelOutputs * kBlockGroups;
constexpr int64_t kBlockBytes = kStepsBytes + kBlockGroups * kGroupVectors * kVectorBytes;

// Of a panel of an 8-bit matrix.
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

// A packed matrix.
class PackedMatrix {
 public:
  // The matrix in this memory, which begins at a multiple of 64.
  // Throws std::invalid_argument if that is not a packed matrix.
  PackedMatrix(const int8_t* bytes, int64_t count);

  int64_t outputs() const { return head_->outputs; }
  int64_t inputs() const { return head_->inputs; }
  bool is_int4() const { return is_int4_; }
  int64_t panels() const { return divide_up(outputs(), kPanelOutputs); }
  int64_t panel_bytes() const { return panel_bytes_; }
  // Inputs with padding.
  int64_t width() const;

  // Of the outputs of a panel: the scales, or the lengths of a step.
  const float* scales(int64_t panel) const { return reinterpret_cast<const float*>(at(panel)); }

  // 8 bit. The numbers of a panel, (groups, outputs, inputs of the group).
  int64_t groups() const { return divide_up(inputs(), kGroupInputs); }
  const PanelHead& head(int64_t panel) const { return *reinterpret_cast<const PanelHead*>(at(panel)); }
  const int8_t* numbers(int64_t panel) const { return at(panel) + sizeof(PanelHead); }

  // 4 bit. The blocks of a panel.
  int64_t blocks() const { return divide_up(inputs(), kBlockInputs); }
  const int8_t* block(int64_t panel) const { return at(panel) + kLengthsBytes; }

 private:
  const int8_t* at(int64_t panel) const { return reinterpret_cast<const int8_t*>(head_ + 1) + panel * panel_bytes(); }

  const PackedHead* head_;
  bool is_int4_;
  int64_t panel_bytes_;
};

// Bytes of a packed 8-bit matrix of this size.
int64_t packed_bytes(int64_t outputs, int64_t inputs);

// Packs numbers (outputs, inputs), -127..127, row-major, contiguous; output i is scaled by scales[i]. `packed` has
// packed_bytes.
void pack(const int8_t* numbers, const float* scales, int64_t outputs, int64_t inputs, int8_t* packed);

// Bytes of a packed 4-bit matrix of this size.
int64_t packed_int4_bytes(int64_t outputs, int64_t inputs);

// Makes a packed 4-bit matrix of zeros. `packed` has packed_int4_bytes.
void clear_int4(int64_t outputs, int64_t inputs, int8_t* packed);

// Puts one output into a packed 4-bit matrix of zeros. numbers: -8..7, by input, padded to a multiple of kInt4GroupInputs;
// steps: the scale of each group; length: of a step.
void put_int4(int64_t output, const int8_t* numbers, const int8_t* steps, float length, int8_t* packed);

}  // namespace utter

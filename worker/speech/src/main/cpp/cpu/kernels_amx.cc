// The two bytes of a 16-bit input times 8-bit weights, with the tile registers of AMX: up to 16 rows at a time. 4-bit weights
// have scales within a row, which tiles cannot sum: they are multiplied as with AVX-512 VNNI, which all these processors have.
#include <algorithm>
#include <cstring>

#include "amx.h"
#include "kernels.h"
#include "vectors.h"

#define AMX __attribute__((target("avx2,amx-tile,amx-int8")))

namespace utter {

namespace {

// A product of tiles takes 16 cycles on Sapphire Rapids, however few the rows: 32 for the low and the high bytes of 64 inputs
// times a panel. With AVX-512 VNNI, each row takes 16: two instructions for each group, two of them in a cycle. With this
// number of rows tiles take half the cycles, so they stay ahead with their lower clock and the time to configure them.
constexpr int64_t kMinRows = 4;

bool is_supported() { return kAvx512VnniKernel.is_supported() && request_amx(); }

// Groups of a tile of weights, 64 inputs.
constexpr int64_t kTileGroups = 16;
constexpr int64_t kTileInputs = kTileGroups * kGroupInputs;

// Changes each block of 64 numbers to their low bytes and their high bytes, in place. The last block may be shorter.
void prepare(int16_t* row, int64_t width) {
  for (int64_t at = 0; at < width; at += kTileInputs) {
    const int64_t count = std::min(kTileInputs, width - at);
    uint8_t bytes[2 * kTileInputs];
    for (int64_t i = 0; i < count; i++) {
      const auto number = static_cast<uint16_t>(row[at + i]);
      bytes[i] = static_cast<uint8_t>(number);
      bytes[count + i] = static_cast<uint8_t>(number >> 8);
    }
    std::memcpy(row + at, bytes, 2 * count);
  }
}

// The registers. Macros, because the compiler writes their numbers into the names of registers. Sums of low and of high bytes,
// of one panel and of the next one; inputs, weights; inputs and weights of the last, shorter block.
#define LOW 0
#define HIGH 1
#define NEXT_LOW 2
#define NEXT_HIGH 3
#define INPUTS 4
#define WEIGHTS 5
#define LAST_INPUTS 6
#define LAST_WEIGHTS 7

// Rows of inputs, and where their sums go.
struct Task {
  const int16_t* rows;
  int64_t stride;
  int64_t row_count;
  int64_t groups;
  int32_t* sums;
  int64_t sums_stride;
};

// A block of inputs, their low and their high bytes.
struct Block {
  Block(const Task& task, int64_t group, int64_t count)
      : low(task.rows + group * kGroupInputs),
        high(reinterpret_cast<const uint8_t*>(low) + count * kGroupInputs),
        stride(task.stride * static_cast<int64_t>(sizeof(int16_t))) {}

  const int16_t* low;
  const uint8_t* high;
  int64_t stride;
};

// Adds the products of a block. The tiles of inputs and weights are arguments.
#define ADD_BLOCK(inputs_tile, weights_tile, block, numbers) \
  _tile_loadd(inputs_tile, block.low, block.stride);         \
  _tile_loadd(weights_tile, numbers, kGroupBytes);           \
  _tile_dpbusd(LOW, inputs_tile, weights_tile);              \
  _tile_loadd(inputs_tile, block.high, block.stride);        \
  _tile_dpbssd(HIGH, inputs_tile, weights_tile);

// The same for two panels.
#define ADD_BLOCK_OF_TWO(inputs_tile, weights_tile, block, numbers, next_numbers) \
  _tile_loadd(inputs_tile, block.low, block.stride);                              \
  _tile_loadd(weights_tile, numbers, kGroupBytes);                                \
  _tile_dpbusd(LOW, inputs_tile, weights_tile);                                   \
  _tile_loadd(weights_tile, next_numbers, kGroupBytes);                           \
  _tile_dpbusd(NEXT_LOW, inputs_tile, weights_tile);                              \
  _tile_loadd(inputs_tile, block.high, block.stride);                             \
  _tile_dpbssd(NEXT_HIGH, inputs_tile, weights_tile);                             \
  _tile_loadd(weights_tile, numbers, kGroupBytes);                                \
  _tile_dpbssd(HIGH, inputs_tile, weights_tile);

// Sums of bytes, (rows, outputs).
struct alignas(64) ByteSums {
  int32_t low[kMaxKernelRows][kPanelOutputs];
  int32_t high[kMaxKernelRows][kPanelOutputs];
};

#define STORE(low_tile, high_tile, byte_sums)                             \
  _tile_stored(low_tile, byte_sums.low, kPanelOutputs * sizeof(int32_t)); \
  _tile_stored(high_tile, byte_sums.high, kPanelOutputs * sizeof(int32_t));

void write(const ByteSums& from, const Task& task, int64_t panel) {
  for (int64_t row = 0; row < task.row_count; row++) {
    for (int64_t output = 0; output < kPanelOutputs; output++) {
      // Wraps around where a part is large; the total fits.
      task.sums[row * task.sums_stride + panel * kPanelOutputs + output] = static_cast<int32_t>(
          static_cast<uint32_t>(from.high[row][output]) * 256 + static_cast<uint32_t>(from.low[row][output]));
    }
  }
}

AMX void sum_one(const Task& task, const int8_t* numbers, int64_t panel) {
  _tile_zero(LOW);
  _tile_zero(HIGH);
  int64_t group = 0;
  for (; group + kTileGroups <= task.groups; group += kTileGroups) {
    const Block block(task, group, kTileGroups);
    ADD_BLOCK(INPUTS, WEIGHTS, block, numbers + group * kGroupBytes)
  }
  if (group < task.groups) {
    const Block block(task, group, task.groups - group);
    ADD_BLOCK(LAST_INPUTS, LAST_WEIGHTS, block, numbers + group * kGroupBytes)
  }
  ByteSums sums;
  STORE(LOW, HIGH, sums)
  write(sums, task, panel);
}

// Two panels, `gap` bytes apart: a product takes 52 cycles until its sums can be added to, in which three others begin.
AMX void sum_two(const Task& task, const int8_t* numbers, int64_t gap, int64_t panel) {
  _tile_zero(LOW);
  _tile_zero(HIGH);
  _tile_zero(NEXT_LOW);
  _tile_zero(NEXT_HIGH);
  int64_t group = 0;
  for (; group + kTileGroups <= task.groups; group += kTileGroups) {
    const Block block(task, group, kTileGroups);
    ADD_BLOCK_OF_TWO(INPUTS, WEIGHTS, block, numbers + group * kGroupBytes, numbers + gap + group * kGroupBytes)
  }
  if (group < task.groups) {
    const Block block(task, group, task.groups - group);
    ADD_BLOCK_OF_TWO(LAST_INPUTS, LAST_WEIGHTS, block, numbers + group * kGroupBytes, numbers + gap + group * kGroupBytes)
  }
  ByteSums sums[2];
  STORE(LOW, HIGH, sums[0])
  STORE(NEXT_LOW, NEXT_HIGH, sums[1])
  write(sums[0], task, panel);
  write(sums[1], task, panel + 1);
}

AMX void sum(const int16_t* rows, int64_t stride, int64_t row_count, const PackedMatrix& matrix, int64_t panel,
             int64_t panel_count, int32_t* sums) {
  const int64_t last = matrix.groups() % kTileGroups;
  TileConfig config;
  for (const int tile : {LOW, HIGH, NEXT_LOW, NEXT_HIGH}) {
    config.shape(tile, row_count, kPanelOutputs * sizeof(int32_t));
  }
  config.shape(INPUTS, row_count, kTileInputs);
  config.shape(WEIGHTS, kTileGroups, kGroupBytes);
  if (last > 0) {
    config.shape(LAST_INPUTS, row_count, last * kGroupInputs);
    config.shape(LAST_WEIGHTS, last, kGroupBytes);
  }
  // Each time: libtorch's kernels configure the registers of this thread too.
  config.load();
  const Task task{rows, stride, row_count, matrix.groups(), sums, panel_count * kPanelOutputs};
  int64_t at = 0;
  for (; at + 2 <= panel_count; at += 2) {
    sum_two(task, matrix.numbers(panel + at), matrix.panel_bytes(), at);
  }
  if (at < panel_count) {
    sum_one(task, matrix.numbers(panel + at), at);
  }
  _tile_release();
}

}  // namespace

const Kernel kAmxKernel{kIsaAmx, &is_supported, &prepare, &sum, &sum_int4_avx512vnni, kMinRows, &kAvx512VnniKernel};

}  // namespace utter

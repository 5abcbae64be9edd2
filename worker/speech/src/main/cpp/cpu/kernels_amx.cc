// The two bytes of a 16-bit input times 8-bit weights, with the tile registers of AMX: up to 16 rows at a time. Where the
// processor has AMX, this kernel is compared with the plain one before it is used, as all are. It is used only where it is
// asked for, until it has been measured. 4-bit weights have scales within a row, which tiles cannot sum: they are multiplied as
// with AVX-512 VNNI, which all these processors have.
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "kernels.h"
#include "vectors.h"

#define AMX __attribute__((target("avx2,amx-tile,amx-int8")))

namespace utter {

namespace {

// Linux gives the tile registers to a process that asks for them (arch_prctl, since 5.16).
constexpr int kRequestPermission = 0x1023;
constexpr int kTileData = 18;

bool is_supported() {
  unsigned int a;
  unsigned int b;
  unsigned int c;
  unsigned int d;
  return kAvx512VnniKernel.is_supported() && __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (d & bit_AMX_TILE) != 0 &&
         (d & bit_AMX_INT8) != 0 && syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

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
// inputs, weights; inputs and weights of the last, shorter block.
#define LOW 0
#define HIGH 1
#define INPUTS 2
#define WEIGHTS 3
#define LAST_INPUTS 4
#define LAST_WEIGHTS 5

// As the instruction reads it (Intel's manual, LDTILECFG).
struct alignas(64) TileConfig {
  uint8_t palette = 1;
  uint8_t start_row = 0;
  uint8_t reserved[14] = {};
  uint16_t column_bytes[16] = {};
  uint8_t rows[16] = {};
};

void shape(TileConfig* config, int tile, int64_t rows, int64_t bytes) {
  config->rows[tile] = static_cast<uint8_t>(rows);
  config->column_bytes[tile] = static_cast<uint16_t>(bytes);
}

AMX void sum_panel(const int16_t* rows, int64_t stride, int64_t row_count, const int8_t* numbers, int64_t groups, int32_t* sums,
                   int64_t sums_stride) {
  const int64_t bytes = stride * static_cast<int64_t>(sizeof(int16_t));
  _tile_zero(LOW);
  _tile_zero(HIGH);
  int64_t group = 0;
  for (; group + kTileGroups <= groups; group += kTileGroups) {
    const int16_t* inputs = rows + group * kGroupInputs;
    _tile_loadd(WEIGHTS, numbers + group * kGroupBytes, kGroupBytes);
    _tile_loadd(INPUTS, inputs, bytes);
    _tile_dpbusd(LOW, INPUTS, WEIGHTS);
    _tile_loadd(INPUTS, reinterpret_cast<const uint8_t*>(inputs) + kTileInputs, bytes);
    _tile_dpbssd(HIGH, INPUTS, WEIGHTS);
  }
  if (group < groups) {
    const int16_t* inputs = rows + group * kGroupInputs;
    _tile_loadd(LAST_WEIGHTS, numbers + group * kGroupBytes, kGroupBytes);
    _tile_loadd(LAST_INPUTS, inputs, bytes);
    _tile_dpbusd(LOW, LAST_INPUTS, LAST_WEIGHTS);
    _tile_loadd(LAST_INPUTS, reinterpret_cast<const uint8_t*>(inputs) + (groups - group) * kGroupInputs, bytes);
    _tile_dpbssd(HIGH, LAST_INPUTS, LAST_WEIGHTS);
  }
  alignas(64) int32_t low[kMaxKernelRows][kPanelOutputs];
  alignas(64) int32_t high[kMaxKernelRows][kPanelOutputs];
  _tile_stored(LOW, low, kPanelOutputs * sizeof(int32_t));
  _tile_stored(HIGH, high, kPanelOutputs * sizeof(int32_t));
  for (int64_t row = 0; row < row_count; row++) {
    for (int64_t output = 0; output < kPanelOutputs; output++) {
      // Wraps around where a part is large; the total fits.
      sums[row * sums_stride + output] =
          static_cast<int32_t>(static_cast<uint32_t>(high[row][output]) * 256 + static_cast<uint32_t>(low[row][output]));
    }
  }
}

AMX void sum(const int16_t* rows, int64_t stride, int64_t row_count, const PackedMatrix& matrix, int64_t panel,
             int64_t panel_count, int32_t* sums) {
  const int64_t last = matrix.groups() % kTileGroups;
  TileConfig config;
  for (const int tile : {LOW, HIGH}) {
    shape(&config, tile, row_count, kPanelOutputs * sizeof(int32_t));
  }
  shape(&config, INPUTS, row_count, kTileInputs);
  shape(&config, WEIGHTS, kTileGroups, kGroupBytes);
  if (last > 0) {
    shape(&config, LAST_INPUTS, row_count, last * kGroupInputs);
    shape(&config, LAST_WEIGHTS, last, kGroupBytes);
  }
  // The instruction below is declared to read 8 bytes of it only.
  asm volatile("" : : "r"(&config) : "memory");
  // Each time: libtorch's kernels configure the registers of this thread too.
  _tile_loadconfig(&config);
  for (int64_t at = 0; at < panel_count; at++) {
    sum_panel(rows, stride, row_count, matrix.numbers(panel + at), matrix.groups(), sums + at * kPanelOutputs,
              panel_count * kPanelOutputs);
  }
  _tile_release();
}

}  // namespace

const Kernel kAmxKernel{kIsaAmx, &is_supported, &prepare, &sum, &sum_int4_avx512vnni};

}  // namespace utter

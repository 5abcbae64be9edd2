// Convolution of tiles in bfloat16, with the tile registers of AMX. Transforms and rounding are those of AVX-512, which all
// these processors have.
#define TARGET __attribute__((target("avx2,fma,avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,amx-tile,amx-bf16")))

#include "../amx.h"
#include "winograd_bfloat16.h"
#include "winograd_kernel.h"

namespace utter {

namespace {

// Inputs of a register: 16 pairs.
constexpr int64_t kRegisterInputs = 32;

// From a pair of inputs to the next one in the filters, and from a tile to the next one in the products.
constexpr int64_t kPairBytes = 2 * kLanes * 2 * sizeof(Half);
constexpr int64_t kProductBytes = 2 * kLanes * sizeof(float);

// The registers. Macros, because the compiler writes their numbers into the names of registers. Products of one half of the
// tiles and of the other one; inputs, filters; inputs and filters of the last, shorter block.
#define VALUES 0
#define GATES 1
#define OTHER_VALUES 2
#define OTHER_GATES 3
#define INPUTS 4
#define FILTERS 5
#define LAST_INPUTS 6
#define LAST_FILTERS 7

// Half of the tiles. Of an odd number the middle one is in both halves, so that they have the same shape.
int64_t half(int64_t tiles) { return (tiles + 1) / 2; }

void configure(int64_t tiles, int64_t inputs) {
  TileConfig config;
  for (const int tile : {VALUES, GATES, OTHER_VALUES, OTHER_GATES}) {
    config.shape(tile, half(tiles), kLanes * sizeof(float));
  }
  config.shape(INPUTS, half(tiles), kRegisterInputs * sizeof(Half));
  config.shape(FILTERS, kRegisterInputs / 2, kPairBytes / 2);
  const int64_t last = inputs % kRegisterInputs;
  if (last > 0) {
    config.shape(LAST_INPUTS, half(tiles), last * sizeof(Half));
    config.shape(LAST_FILTERS, last / 2, kPairBytes / 2);
  }
  config.load();
}

// Adds the products of a block of inputs. A product takes 52 cycles on Sapphire Rapids until its sums can be added to, in which
// three others begin.
#define ADD_BLOCK(inputs_tile, filters_tile, inputs, other_inputs, input_bytes, values, gates) \
  _tile_loadd(inputs_tile, inputs, input_bytes);                                               \
  _tile_loadd(filters_tile, values, kPairBytes);                                               \
  _tile_dpbf16ps(VALUES, inputs_tile, filters_tile);                                           \
  _tile_loadd(filters_tile, gates, kPairBytes);                                                \
  _tile_dpbf16ps(GATES, inputs_tile, filters_tile);                                            \
  _tile_loadd(inputs_tile, other_inputs, input_bytes);                                         \
  _tile_dpbf16ps(OTHER_GATES, inputs_tile, filters_tile);                                      \
  _tile_loadd(filters_tile, values, kPairBytes);                                               \
  _tile_dpbf16ps(OTHER_VALUES, inputs_tile, filters_tile);

// Not inlined: the registers' instructions are not declared to read memory.
template <>
TARGET __attribute__((noinline)) void multiply_point(const Half* inputs, int64_t stride, int64_t tiles, const Half* filters,
                                                     int64_t count, float* products) {
  const int64_t other = tiles - half(tiles);
  const Half* other_inputs = inputs + other * stride;
  const Half* gates = filters + 2 * kLanes;
  const int64_t input_bytes = stride * static_cast<int64_t>(sizeof(Half));
  _tile_zero(VALUES);
  _tile_zero(GATES);
  _tile_zero(OTHER_VALUES);
  _tile_zero(OTHER_GATES);
  int64_t i = 0;
  for (; i + kRegisterInputs <= count; i += kRegisterInputs) {
    ADD_BLOCK(INPUTS, FILTERS, inputs + i, other_inputs + i, input_bytes, filters + i * 2 * kLanes, gates + i * 2 * kLanes)
  }
  if (i < count) {
    ADD_BLOCK(LAST_INPUTS, LAST_FILTERS, inputs + i, other_inputs + i, input_bytes, filters + i * 2 * kLanes,
              gates + i * 2 * kLanes)
  }
  _tile_stored(VALUES, products, kProductBytes);
  _tile_stored(GATES, products + kLanes, kProductBytes);
  _tile_stored(OTHER_VALUES, products + other * 2 * kLanes, kProductBytes);
  _tile_stored(OTHER_GATES, products + other * 2 * kLanes + kLanes, kProductBytes);
}

TARGET void convolve(const TileRows& rows, const GatedWeights& weights, int64_t from, int64_t to, float* scratch,
                     const TileSums& sums) {
  // Each time: libtorch's kernels configure the registers of this thread too.
  configure(to - from, weights.even_inputs());
  convolve_tiles<Half>(rows, weights, from, to, scratch, sums);
  _tile_release();
}

}  // namespace

const ConvolveTiles kConvolveAmxBfloat16 = &convolve;

}  // namespace utter

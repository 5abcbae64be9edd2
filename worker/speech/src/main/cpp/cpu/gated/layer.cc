#include "layer.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>
#include <stdexcept>
#include <vector>

#include "../constants.h"
#include "../kernels.h"
#include "../team.h"
#include "../vectors.h"
#include "winograd.h"

#if defined(__x86_64__)
#include "../amx.h"
#endif

namespace utter {

namespace {

constexpr int64_t kMagic = 0x3130444554414755;

// Tiles of a block: enough calls for several threads.
constexpr int64_t kBlockTiles = 8 * kMaxTiles;

int64_t number_bytes(bool is_reduced) { return is_reduced ? 2 : 4; }

int64_t bias_bytes(int64_t groups) { return groups * 2 * kLanes * static_cast<int64_t>(sizeof(float)); }

int64_t filter_numbers(int64_t inputs) { return kPoints * padded(inputs, 2) * 2 * kLanes; }

// Rounded to the nearest bfloat16, the even one of two.
uint16_t rounded_bfloat16(float number) {
  uint32_t bits;
  std::memcpy(&bits, &number, sizeof(bits));
  return static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

// The transformed filter of 3x3 numbers.
void transform_filter(const double (*filter)[3], double (*transformed)[kTileInputs]) {
  static constexpr double kTransform[kTileInputs][3] = {{1. / 4, 0, 0},
                                                        {-1. / 6, -1. / 6, -1. / 6},
                                                        {-1. / 6, 1. / 6, -1. / 6},
                                                        {1. / 24, 1. / 12, 1. / 6},
                                                        {1. / 24, -1. / 12, 1. / 6},
                                                        {0, 0, 1}};
  for (int64_t y = 0; y < kTileInputs; y++) {
    for (int64_t x = 0; x < kTileInputs; x++) {
      double sum = 0;
      for (int64_t i = 0; i < 3; i++) {
        for (int64_t j = 0; j < 3; j++) {
          sum += kTransform[y][i] * kTransform[x][j] * filter[i][j];
        }
      }
      transformed[y][x] = sum;
    }
  }
}

struct Convolution {
  ConvolveTiles convolve;
  int64_t max_tiles;
};

// With the instruction set of the other kernels.
Convolution convolution(bool is_reduced) {
#if defined(__x86_64__)
  const int64_t isa = kernel_isa();
  if (is_reduced) {
    return isa == kIsaAmx && has_amx_bfloat16() ? Convolution{kConvolveAmxBfloat16, kMaxAmxTiles}
                                                : Convolution{kConvolveBfloat16, kMaxTiles};
  }
  return {isa == kIsaAvx512Vnni || isa == kIsaAmx ? kConvolveAvx512 : kConvolveAvx2, kMaxTiles};
#else
  return {kConvolveNeon, kMaxTiles};
#endif
}

constexpr std::align_val_t kAlignment{64};

// Memory of a thread that is kept from call to call. Threads that convolve live as long as the process.
class Buffer {
 public:
  // Memory for this number of floats, with arbitrary values.
  float* floats(int64_t count) {
    if (count > count_) {
      memory_.reset(new (kAlignment) float[count]);
      count_ = count;
    }
    return memory_.get();
  }

 private:
  struct Free {
    void operator()(float* numbers) const { operator delete[](numbers, kAlignment); }
  };

  int64_t count_ = 0;
  std::unique_ptr<float[], Free> memory_;
};

// Of each thread that convolves tiles, and of the one that calls.
thread_local Buffer tile_scratch;
thread_local Buffer input_scratch;
thread_local Buffer sum_scratch;

// x times factor plus offset.
VECTORS void normalize(const float* x, const float* factor, const float* offset, int64_t count, float* result) {
  for (int64_t i = 0; i < count; i += 8) {
    store(load_eight(x + i) * load_eight(factor + i) + load_eight(offset + i), result + i);
  }
}

// The inputs of some rows of tiles.
class Inputs {
 public:
  Inputs(const Plane& plane, int64_t channels, int64_t rows)
      : frames_(plane.frames),
        channels_(channels),
        row_stride_((padded(plane.frames, kTile) + 2) * channels),
        numbers_(input_scratch.floats(rows * row_stride_)) {}

  const float* numbers() const { return numbers_; }

  // The frames of a row, without the zeros around them.
  float* frames(int64_t row) const { return numbers_ + row * row_stride_ + channels_; }

  void fill_with_zeros(int64_t row) const { std::fill_n(numbers_ + row * row_stride_, row_stride_, 0.f); }

  void zero_around(int64_t row) const {
    float* first = numbers_ + row * row_stride_;
    std::fill_n(first, channels_, 0.f);
    float* last = first + (1 + frames_) * channels_;
    std::fill(last, first + row_stride_, 0.f);
  }

 private:
  int64_t frames_;
  int64_t channels_;
  int64_t row_stride_;
  float* numbers_;
};

}  // namespace

GatedWeights::GatedWeights(const int8_t* bytes, int64_t count) : bytes_(bytes) {
  if (count < static_cast<int64_t>(sizeof(GatedHead)) || head().magic != kMagic ||
      count != packed_gated_bytes(outputs(), inputs(), is_reduced())) {
    throw std::invalid_argument("utter_cpu: the weights are not those of a gated convolution");
  }
}

const float* GatedWeights::biases(int64_t group) const {
  return reinterpret_cast<const float*>(bytes_ + sizeof(GatedHead)) + group * 2 * kLanes;
}

const int8_t* GatedWeights::filters(int64_t group) const {
  return bytes_ + sizeof(GatedHead) + bias_bytes(groups()) + group * filter_numbers(inputs()) * number_bytes(is_reduced());
}

int64_t packed_gated_bytes(int64_t outputs, int64_t inputs, bool is_reduced) {
  const int64_t groups = divide_up(outputs, kLanes);
  return static_cast<int64_t>(sizeof(GatedHead)) + bias_bytes(groups) +
         groups * filter_numbers(inputs) * number_bytes(is_reduced);
}

void pack_gated(const float* filters, const float* biases, int64_t outputs, int64_t inputs, int64_t size, bool is_reduced,
                int8_t* bytes) {
  std::fill_n(bytes, packed_gated_bytes(outputs, inputs, is_reduced), static_cast<int8_t>(0));
  const GatedHead head{kMagic, inputs, outputs, is_reduced, {}};
  std::memcpy(bytes, &head, sizeof(head));
  const GatedWeights weights(bytes, packed_gated_bytes(outputs, inputs, is_reduced));
  for (int64_t row = 0; row < 2 * outputs; row++) {
    const int64_t output = row % outputs;
    const int64_t lane = output % kLanes + row / outputs * kLanes;
    const int64_t group = output / kLanes;
    const_cast<float*>(weights.biases(group))[lane] = biases[row];
    auto* target = const_cast<int8_t*>(weights.filters(group));
    for (int64_t input = 0; input < inputs; input++) {
      double filter[3][3] = {};
      // A single number is the middle one.
      for (int64_t i = 0; i < size * size; i++) {
        filter[(3 - size) / 2 + i / size][(3 - size) / 2 + i % size] = filters[(row * inputs + input) * size * size + i];
      }
      double transformed[kTileInputs][kTileInputs];
      transform_filter(filter, transformed);
      for (int64_t point = 0; point < kPoints; point++) {
        const auto number = static_cast<float>(transformed[point / kTileInputs][point % kTileInputs]);
        const int64_t at = point * weights.even_inputs() * 2 * kLanes;
        if (is_reduced) {
          reinterpret_cast<uint16_t*>(target)[at + (input / 2 * 2 * kLanes + lane) * 2 + input % 2] = rounded_bfloat16(number);
        } else {
          reinterpret_cast<float*>(target)[at + input * 2 * kLanes + lane] = number;
        }
      }
    }
  }
}

bool has_reduced() {
#if defined(__x86_64__)
  // With AMX inputs are rounded with AVX-512.
  const int64_t isa = kernel_isa();
  return (isa == kIsaAvx512Vnni || isa == kIsaAmx) && multiplies_bfloat16();
#else
  return false;
#endif
}

void zero(float* numbers, int64_t count) {
  constexpr int64_t kLargePage = 2 << 20;
  constexpr int64_t kPart = 1 << 18;
  const auto begin = padded(reinterpret_cast<int64_t>(numbers), kLargePage);
  const auto end = reinterpret_cast<int64_t>(numbers + count) / kLargePage * kLargePage;
  if (end > begin) {
    // If it fails, pages are small.
    madvise(reinterpret_cast<void*>(begin), static_cast<size_t>(end - begin), MADV_HUGEPAGE);
  }
  for_each_chunk(Team::kPasses, divide_up(count, kPart),
                 [&](int64_t part) { std::fill_n(numbers + part * kPart, std::min(kPart, count - part * kPart), 0.f); });
}

void gated_rows(const Plane& plane, float* above, double* sums, double* squares, const float* scale, const float* shift,
                const GatedWeights& weights, int64_t start, int64_t stop) {
  if (weights.is_reduced() && !has_reduced()) {
    throw std::invalid_argument("utter_cpu: this processor does not multiply bfloat16");
  }
  const auto [convolve, max_tiles] = convolution(weights.is_reduced());
  const int64_t channels = padded(weights.inputs(), kLanes);
  const int64_t outputs = weights.groups() * kLanes;
  const int64_t columns = divide_up(plane.frames, kTile);
  const int64_t block = std::max<int64_t>(1, kBlockTiles / columns);
  const int64_t max_calls = divide_up(std::max(block * columns, kBlockTiles), max_tiles);
  // Channels of padding become zeros.
  std::vector<float> factors(channels);
  std::vector<float> offsets(channels);
  std::copy_n(scale, weights.inputs(), factors.begin());
  std::copy_n(shift, weights.inputs(), offsets.begin());
  const Inputs inputs(plane, channels, std::min(block * kTile, padded(stop - start, kTile)) + 2);
  float* const partial = sum_scratch.floats(max_calls * 3 * outputs);
  for (int64_t first = start, last; first < stop; first = last) {
    last = std::min(stop, first + block * kTile);
    const int64_t tile_rows = divide_up(last - first, kTile);
    // The plane's rows are read before any output is written over them.
    for_each_chunk(Team::kPasses, tile_rows * kTile + 2, [&](int64_t row) {
      const int64_t frequency = first - 1 + row;
      if (row == 0) {
        inputs.zero_around(row);
        for (int64_t frame = 0; frame < plane.frames; frame++) {
          std::copy_n(above + frame * plane.stride, channels, inputs.frames(row) + frame * channels);
        }
      } else if (frequency < plane.frequencies && frequency <= last) {
        inputs.zero_around(row);
        for (int64_t frame = 0; frame < plane.frames; frame++) {
          normalize(plane.numbers + (frequency * plane.frames + frame) * plane.stride, factors.data(), offsets.data(), channels,
                    inputs.frames(row) + frame * channels);
        }
      } else {
        inputs.fill_with_zeros(row);
      }
    });
    for (int64_t frame = 0; frame < plane.frames; frame++) {
      std::copy_n(inputs.frames(last - first) + frame * channels, channels, above + frame * plane.stride);
    }
    const int64_t tiles = tile_rows * columns;
    const int64_t calls = divide_up(tiles, max_tiles);
    const TileRows rows{inputs.numbers(), channels,     columns,     plane.numbers + first * plane.frames * plane.stride,
                        last - first,     plane.frames, plane.stride};
    const auto sums_of = [&](int64_t call) {
      float* of_call = partial + call * 3 * outputs;
      return TileSums{of_call, of_call + outputs, of_call + 2 * outputs};
    };
    for_each_chunk(Team::kPasses, calls, [&](int64_t call) {
      convolve(rows, weights, tiles * call / calls, tiles * (call + 1) / calls, tile_scratch.floats(scratch_floats(channels)),
               sums_of(call));
    });
    // In the order of the calls, whichever thread made them.
    for (int64_t call = 0; call < calls; call++) {
      const auto count = static_cast<double>(positions(rows, tiles * call / calls, tiles * (call + 1) / calls));
      const TileSums of_call = sums_of(call);
      for (int64_t output = 0; output < weights.outputs(); output++) {
        const double sum = of_call.sums[output];
        const double mean = of_call.means[output];
        sums[output] += sum;
        squares[output] += of_call.squares[output] + mean * (2 * sum - count * mean);
      }
    }
  }
}

}  // namespace utter

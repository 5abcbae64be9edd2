// Convolution of tiles, one implementation per instruction set. In 32 bit all give equal bits.
#pragma once

#include <algorithm>
#include <cstdint>

#include "layer.h"

namespace utter {

// Some rows of tiles.
struct TileRows {
  // Inputs (kTile tile rows + 2, kTile columns + 2, channels), zeros around the plane. Channels are padded to kLanes.
  const float* inputs;
  int64_t channels;
  // Tiles of a row.
  int64_t columns;
  // Outputs (rows, frames, stride). Tiles reach beyond them.
  float* outputs;
  int64_t rows;
  int64_t frames;
  int64_t stride;
};

// Of a tile, the part inside the plane.
struct TilePart {
  float* outputs;
  int64_t rows;
  int64_t frames;
};

inline TilePart inside(const TileRows& rows, int64_t tile) {
  const int64_t row = tile / rows.columns * kTile;
  const int64_t frame = tile % rows.columns * kTile;
  return {rows.outputs + (row * rows.frames + frame) * rows.stride, std::min(kTile, rows.rows - row),
          std::min(kTile, rows.frames - frame)};
}

// Outputs of each channel.
inline int64_t positions(const TileRows& rows, int64_t from, int64_t to) {
  int64_t count = 0;
  for (int64_t tile = from; tile < to; tile++) {
    const TilePart part = inside(rows, tile);
    count += part.rows * part.frames;
  }
  return count;
}

// What a call adds up of each output, padded to kLanes: the sum, a rough mean, and squares of differences from that.
struct TileSums {
  float* sums;
  float* means;
  float* squares;
};

// Convolves the tiles from one to another, numbered row after row.
using ConvolveTiles = void (*)(const TileRows& rows, const GatedWeights& weights, int64_t from, int64_t to, float* scratch,
                               const TileSums& sums);

// Tiles of a call at most. With AMX: two registers of 16 rows.
constexpr int64_t kMaxTiles = 36;
constexpr int64_t kMaxAmxTiles = 32;

// Floats of scratch: transformed inputs (36, tiles, channels) and products (36, tiles, 32).
constexpr int64_t scratch_floats(int64_t channels) { return kPoints * kMaxTiles * (channels + 2 * kLanes); }

extern const ConvolveTiles kConvolveAvx2;
extern const ConvolveTiles kConvolveAvx512;
extern const ConvolveTiles kConvolveNeon;

// In fewer bits, for processors that multiplies_bfloat16() is true for. With AMX, calls have up to kMaxAmxTiles.
extern const ConvolveTiles kConvolveBfloat16;
extern const ConvolveTiles kConvolveAmxBfloat16;
bool multiplies_bfloat16();

}  // namespace utter

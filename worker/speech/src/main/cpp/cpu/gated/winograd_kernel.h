// Convolution of tiles. Included once by a file that has defined TARGET, its instruction set; LOCAL; Sixteen, 16 floats, with
// load_sixteen, store, all_sixteen, multiply_add (x y + z), multiply_subtract (z - x y), sigmoid, +, - and *. That file defines
// multiply_point().
#pragma once

#include "winograd.h"

namespace utter {

namespace {

// Products (tiles, 32) of the inputs of tiles, `stride` numbers after one another, and filters (count, 32), for one of the 36
// points.
template <typename Number>
TARGET void multiply_point(const Number* inputs, int64_t stride, int64_t tiles, const Number* filters, int64_t count,
                           float* products);

// The transform of six inputs.
LOCAL void transform_inputs(const Sixteen* x, Sixteen* y) {
  const Sixteen two = all_sixteen(2.f);
  const Sixteen four = all_sixteen(4.f);
  const Sixteen five = all_sixteen(5.f);
  const Sixteen even = multiply_subtract(four, x[2], x[4]);
  const Sixteen odd = multiply_subtract(four, x[1], x[3]);
  const Sixteen even_two = x[4] - x[2];
  const Sixteen odd_two = two * (x[3] - x[1]);
  y[0] = multiply_add(four, x[0], multiply_subtract(five, x[2], x[4]));
  y[1] = even + odd;
  y[2] = even - odd;
  y[3] = even_two + odd_two;
  y[4] = even_two - odd_two;
  y[5] = multiply_add(four, x[1], multiply_subtract(five, x[3], x[5]));
}

// The transform of six sums of products to four outputs.
LOCAL void transform_outputs(const Sixteen* x, Sixteen* y) {
  const Sixteen sum = x[1] + x[2];
  const Sixteen difference = x[1] - x[2];
  const Sixteen sum_two = x[3] + x[4];
  const Sixteen difference_two = x[3] - x[4];
  y[0] = x[0] + sum + sum_two;
  y[1] = multiply_add(all_sixteen(2.f), difference_two, difference);
  y[2] = multiply_add(all_sixteen(4.f), sum_two, sum);
  y[3] = multiply_add(all_sixteen(8.f), difference_two, difference) + x[5];
}

// Inputs of the tiles to `transformed` (36, tiles, channels).
template <typename Number>
TARGET void transform_tiles(const TileRows& rows, int64_t from, int64_t to, Number* transformed) {
  const int64_t row_stride = (rows.columns * kTile + 2) * rows.channels;
  const int64_t point_stride = (to - from) * rows.channels;
  for (int64_t tile = from; tile < to; tile++) {
    const float* inputs = rows.inputs + tile / rows.columns * kTile * row_stride + tile % rows.columns * kTile * rows.channels;
    Number* target = transformed + (tile - from) * rows.channels;
    for (int64_t channel = 0; channel < rows.channels; channel += kLanes) {
      Sixteen half[kTileInputs][kTileInputs];
      for (int64_t x = 0; x < kTileInputs; x++) {
        Sixteen column[kTileInputs];
        for (int64_t y = 0; y < kTileInputs; y++) {
          column[y] = load_sixteen(inputs + y * row_stride + x * rows.channels + channel);
        }
        Sixteen result[kTileInputs];
        transform_inputs(column, result);
        for (int64_t y = 0; y < kTileInputs; y++) {
          half[y][x] = result[y];
        }
      }
      for (int64_t y = 0; y < kTileInputs; y++) {
        Sixteen result[kTileInputs];
        transform_inputs(half[y], result);
        for (int64_t x = 0; x < kTileInputs; x++) {
          store(result[x], target + (y * kTileInputs + x) * point_stride + channel);
        }
      }
    }
  }
}

// A tile's 4x4 results of value or gate, from products (36, tiles, 32).
LOCAL void transform_products(const float* products, int64_t point_stride, Sixteen (*results)[kTile]) {
  Sixteen half[kTile][kTileInputs];
  for (int64_t x = 0; x < kTileInputs; x++) {
    Sixteen column[kTileInputs];
    for (int64_t y = 0; y < kTileInputs; y++) {
      column[y] = load_sixteen(products + (y * kTileInputs + x) * point_stride);
    }
    Sixteen result[kTile];
    transform_outputs(column, result);
    for (int64_t y = 0; y < kTile; y++) {
      half[y][x] = result[y];
    }
  }
  for (int64_t y = 0; y < kTile; y++) {
    transform_outputs(half[y], results[y]);
  }
}

// Writes 16 outputs of the tiles, and adds them up.
TARGET void finish(const TileRows& rows, int64_t from, int64_t to, const float* products, const float* biases, int64_t channel,
                   const TileSums& sums) {
  const Sixteen value_bias = load_sixteen(biases);
  const Sixteen gate_bias = load_sixteen(biases + kLanes);
  const int64_t point_stride = (to - from) * 2 * kLanes;
  Sixteen sum = all_sixteen(0.f);
  for (int64_t tile = from; tile < to; tile++) {
    const float* of_tile = products + (tile - from) * 2 * kLanes;
    Sixteen values[kTile][kTile];
    transform_products(of_tile, point_stride, values);
    Sixteen gates[kTile][kTile];
    transform_products(of_tile + kLanes, point_stride, gates);
    const TilePart part = inside(rows, tile);
    for (int64_t y = 0; y < part.rows; y++) {
      for (int64_t x = 0; x < part.frames; x++) {
        const Sixteen output = (values[y][x] + value_bias) * sigmoid(gates[y][x] + gate_bias);
        store(output, part.outputs + (y * rows.frames + x) * rows.stride + channel);
        sum = sum + output;
      }
    }
  }
  const Sixteen mean = sum * all_sixteen(1.f / static_cast<float>(positions(rows, from, to)));
  Sixteen squares = all_sixteen(0.f);
  for (int64_t tile = from; tile < to; tile++) {
    const TilePart part = inside(rows, tile);
    for (int64_t y = 0; y < part.rows; y++) {
      for (int64_t x = 0; x < part.frames; x++) {
        const Sixteen difference = load_sixteen(part.outputs + (y * rows.frames + x) * rows.stride + channel) - mean;
        squares = multiply_add(difference, difference, squares);
      }
    }
  }
  store(sum, sums.sums + channel);
  store(mean, sums.means + channel);
  store(squares, sums.squares + channel);
}

template <typename Number>
TARGET void convolve_tiles(const TileRows& rows, const GatedWeights& weights, int64_t from, int64_t to, float* scratch,
                           const TileSums& sums) {
  const int64_t tiles = to - from;
  auto* transformed = reinterpret_cast<Number*>(scratch);
  auto* products = reinterpret_cast<float*>(transformed + kPoints * tiles * rows.channels);
  transform_tiles(rows, from, to, transformed);
  const int64_t filter = weights.even_inputs() * 2 * kLanes;
  for (int64_t group = 0; group < weights.groups(); group++) {
    const auto* filters = reinterpret_cast<const Number*>(weights.filters(group));
    for (int64_t point = 0; point < kPoints; point++) {
      multiply_point(transformed + point * tiles * rows.channels, rows.channels, tiles, filters + point * filter,
                     weights.even_inputs(), products + point * tiles * 2 * kLanes);
    }
    finish(rows, from, to, products, weights.biases(group), group * kLanes, sums);
  }
}

}  // namespace

}  // namespace utter

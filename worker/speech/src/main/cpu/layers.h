// Layers of a transformer whose matrices are of 8 bit. All threads of an OpenMP team call these functions with the same
// arguments, and each does its part.
#pragma once

#include "attention.h"
#include "products.h"

namespace utter {

// What follows attention in a layer: its output matrix, then gate and what it lets through in one, then back.
struct Rest {
  Matrix output;
  Matrix both;
  Matrix down;
};

// What the threads share, for so many rows.
struct RestRoom {
  RestRoom(int64_t rows, const Rest& rest);

  Room products;
  std::unique_ptr<float[]> both;
};

struct LayerRoom {
  LayerRoom(int64_t rows, const Matrix& attention, const Rest& rest);

  RestRoom rest;
  std::unique_ptr<float[]> attended;
  std::unique_ptr<float[]> heard;
};

// Adds to x (rows, width) what the rest of the layer makes of heard; each row of x is followed by its tail, see Input::kNormed.
void finish(Rows<const float> heard, const Rest& rest, Rows<float> x, const RestRoom& room);

// Adds to x what the layer makes of it at this place. attention: the matrix of its queries, keys and values.
void decode(Rows<float> x, const Place& place, const Matrix& attention, const Rest& rest, const LayerRoom& room);

}  // namespace utter
